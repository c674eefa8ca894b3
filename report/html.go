package report

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/seed-00829101/heartline/plant"
)

//go:embed report.html
var pageText string

// maxCharts bounds the charts of one label: a page is to be read.
const maxCharts = 24

// HTML writes one page that needs nothing else: styles and charts are in it.
func (r *Report) HTML(w io.Writer, lang string) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"t":       func(key string) string { return say(lang, key) },
		"percent": percent,
		"segment": func(x plant.Resumption) string { return segmentName(lang, x.Segment, x.Value) },
		"sum":     func(x plant.Resumption) int { return x.Resumed + x.Normal },
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, r.page(lang))
}

// page is what the template shows.
type page struct {
	*Report
	Lang     string
	Words    []string
	Last     *plant.Resumption // of all plants, on the last day; nil: no day
	Chart    template.HTML
	Charts   []labelCharts
	Segments []plant.Resumption
	Rows     []plantRow
}

// labelCharts are the charts of one label, and how many values have none.
type labelCharts struct {
	Label  string
	Charts []titled
	More   int
}

type titled struct {
	Title string
	Rate  *float64
	Chart template.HTML
}

func (r *Report) page(lang string) page {
	p := page{Report: r, Lang: lang, Words: r.definition(lang)}
	segments := r.segments()
	if len(segments) > 0 {
		p.Last = &segments[0]
		p.Chart = r.chart(r.course(plant.SegmentAll, plant.SegmentAll), 1040, 320, true)
	}
	if len(segments) > 1 {
		p.Segments = segments
	}
	for _, label := range r.By {
		l := labelCharts{Label: label}
		for _, x := range segments {
			if x.Segment != label {
				continue
			}
			if len(l.Charts) == maxCharts {
				l.More++
				continue
			}
			if chart := r.chart(r.course(label, x.Value), 510, 190, false); chart != "" {
				l.Charts = append(l.Charts, titled{segmentName(lang, label, x.Value), x.Rate, chart})
			}
		}
		if len(l.Charts) > 0 {
			p.Charts = append(p.Charts, l)
		}
	}
	for i := range r.Plants {
		p.Rows = append(p.Rows, r.row(lang, &r.Plants[i]))
	}
	return p
}

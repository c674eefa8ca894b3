package report

import (
	"bytes"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/go-analyze/charts/chartdraw/drawing"

	"github.com/seed-00829101/heartline/plant"
)

// Colours of the charts; the legend in the page's style has the same.
var (
	inkRate     = drawing.ColorFromHex("146c34")
	inkBand     = drawing.ColorFromHex("bfe0c8")
	inkRecovery = drawing.ColorFromHex("7a4a00")
	inkText     = drawing.ColorFromHex("4b5763")
	inkGrid     = drawing.ColorFromHex("dfe4e8")
)

// chart draws how a segment's rate went, with its bounds as a band, and where
// asked, its output recovery. Empty: of one day or none there is no course.
func (r *Report) chart(figures []plant.Resumption, width, height int, recovery bool) template.HTML {
	rate, out, top := curve{}, curve{}, 1.0
	for i := range figures {
		x := &figures[i]
		if x.Rate == nil {
			continue
		}
		n := float64(i)
		rate.add(n, *x.Rate, *x.RateLow, *x.RateHigh)
		if recovery && x.Recovery != nil {
			out.add(n, *x.Recovery, *x.Recovery, *x.Recovery)
			top = max(top, math.Ceil(*x.Recovery*4)/4)
		}
	}
	if len(rate.x) < 2 {
		return ""
	}
	small := chartdraw.Style{FontStyle: chartdraw.FontStyle{FontSize: 9, FontColor: inkText}, StrokeColor: inkGrid, StrokeWidth: 1}
	series := []chartdraw.Series{
		&shape{curve: &rate, band: true, style: chartdraw.Style{FillColor: inkBand, StrokeColor: inkBand, StrokeWidth: 1}},
		&shape{curve: &rate, style: chartdraw.Style{StrokeColor: inkRate, StrokeWidth: 2}},
	}
	if len(out.x) > 0 {
		series = append(series, &shape{curve: &out, style: chartdraw.Style{StrokeColor: inkRecovery, StrokeWidth: 1.5, StrokeDashArray: []float64{5, 4}}})
	}
	last := float64(len(figures) - 1)
	c := chartdraw.Chart{
		Width: width, Height: height, Font: chartdraw.GetDefaultFont(), Series: series,
		Background: chartdraw.Style{Padding: chartdraw.NewBox(8, 16, 30, 8)},
		XAxis: chartdraw.XAxis{Style: small, Range: &chartdraw.ContinuousRange{Min: 0, Max: last}, Ticks: r.dates(width),
			TickPosition: chartdraw.TickPositionUnderTick},
		YAxisSecondary: chartdraw.HideYAxis(),
		YAxis: chartdraw.YAxis{Style: small, AxisType: chartdraw.YAxisSecondary, Range: &chartdraw.ContinuousRange{Min: 0, Max: top},
			Ticks: shares(top), GridMajorStyle: chartdraw.Style{StrokeColor: inkGrid, StrokeWidth: 1}},
	}
	var b bytes.Buffer
	if err := c.Render(chartdraw.SVG, &b); err != nil {
		panic("report: a chart with points cannot fail to be drawn: " + err.Error())
	}
	// The tables say the same to whoever cannot see it.
	return template.HTML(strings.Replace(b.String(), "<svg ", `<svg aria-hidden="true" `, 1))
}

// dates are the ticks under a chart: at most one for each 90 points, and one
// without words where the days end, as an axis reaches to its last tick.
func (r *Report) dates(width int) (out []chartdraw.Tick) {
	n := len(r.Days)
	step := max((n*90+width-1)/width, 1)
	for i := 0; i < n; i += step {
		out = append(out, chartdraw.Tick{Value: float64(i), Label: r.Days[i].Date.String()[5:]})
	}
	if last := float64(n - 1); out[len(out)-1].Value < last {
		out = append(out, chartdraw.Tick{Value: last})
	}
	return out
}

func shares(top float64) (out []chartdraw.Tick) {
	for s := 0.0; s <= top+1e-9; s += 0.25 {
		out = append(out, chartdraw.Tick{Value: s, Label: strconv.Itoa(int(math.Round(s*100))) + " %"})
	}
	return out
}

// curve is a line with bounds.
type curve struct{ x, y, low, high []float64 }

func (c *curve) add(x, y, low, high float64) {
	c.x, c.y, c.low, c.high = append(c.x, x), append(c.y, y), append(c.low, low), append(c.high, high)
}

// Len implements chartdraw's providers of values.
func (c *curve) Len() int { return len(c.x) }

// GetValues implements chartdraw.ValuesProvider.
func (c *curve) GetValues(i int) (x, y float64) { return c.x[i], c.y[i] }

// GetBoundedValues implements chartdraw.BoundedValuesProvider.
func (c *curve) GetBoundedValues(i int) (x, y1, y2 float64) { return c.x[i], c.high[i], c.low[i] }

// shape is a curve as it is drawn: its line, or the band between its bounds.
type shape struct {
	*curve
	band  bool
	style chartdraw.Style
}

func (s *shape) GetName() string               { return "" }
func (s *shape) GetYAxis() chartdraw.YAxisType { return chartdraw.YAxisPrimary }
func (s *shape) GetStyle() chartdraw.Style     { return s.style }
func (s *shape) Validate() error               { return nil }

// Render implements chartdraw.Series.
func (s *shape) Render(r chartdraw.Renderer, box chartdraw.Box, x, y chartdraw.Range, _ chartdraw.Style) {
	if s.band {
		chartdraw.Draw.BoundedSeries(r, box, x, y, s.style, s.curve)
		return
	}
	chartdraw.Draw.LineSeries(r, box, x, y, s.style, s.curve)
}

package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

// Languages are those a report can be written in.
var Languages = []string{"en", "zh"}

// say returns the words for key. A key that nobody translated is a mistake of
// ours, and shows as itself.
func say(lang, key string) string {
	w, ok := words[key]
	switch {
	case !ok:
		return key
	case lang == "zh":
		return w.zh
	}
	return w.en
}

var words = map[string]struct{ en, zh string }{
	"title":      {"Resumption of production", "复产情况报告"},
	"simulated":  {"Simulated: no factory made these figures", "模拟数据：并非真实工厂"},
	"to":         {"to", "至"},
	"source":     {"Source", "数据来源"},
	"definition": {"Definition", "统计口径"},
	"version":    {"version", "版本"},
	"all":        {"All plants", "全部工厂"},
	"rate":       {"Resumption rate", "复产率"},
	"bounds":     {"Bounds", "上下限"},
	"band":       {"between none and all of the unknown", "未知工厂全不计入至全部计入"},
	"coverage":   {"Coverage", "数据覆盖率"},
	"recovery":   {"Output recovery", "产量恢复率"},
	"activity":   {"Activity index", "活跃指数"},
	"eligible":   {"Eligible", "应统计"},
	"producing":  {"Resumed", "已复产"},
	"unknown":    {"Unknown", "未知"},
	"excluded":   {"Excluded", "已排除"},
	"day":        {"Day", "日期"},
	"days":       {"Day by day", "逐日"},
	"segments":   {"By segment, on the last day", "分组（截至最后一日）"},
	"segment":    {"Segment", "分组"},
	"none":       {"(none)", "（无此标签）"},
	"plants":     {"Plants, at the end of the last day", "工厂（截至最后一日）"},
	"plant":      {"Plant", "工厂"},
	"labels":     {"Labels", "标签"},
	"phase":      {"Phase", "阶段"},
	"since":      {"Since", "自"},
	"baseline":   {"Normal output from", "基准来源"},
	"flags":      {"Flags", "标记"},

	"phase.unknown":    {"unknown", "未知"},
	"phase.stopped":    {"stopped", "停产"},
	"phase.ramping_up": {"ramping up", "恢复中"},
	"phase.resumed":    {"resumed", "已复产"},
	"phase.normal":     {"normal", "正常"},
	"phase.excluded":   {"excluded", "已排除"},

	"flag.relapsed":             {"relapsed", "再次停产"},
	"flag.proxy":                {"proxy", "替代指标"},
	"flag.unobserved":           {"not observed", "无数据"},
	"flag.no_baseline":          {"no baseline", "无基准"},
	"flag.power_without_output": {"power without output", "有电耗无产出"},
	"flag.frozen_counter":       {"running, counter frozen", "报运行但计数不变"},
	"flag.repeated_payload":     {"identical payloads", "数据重复"},
	"flag.above_ideal_cycle":    {"above ideal cycle", "产量超过理想节拍"},
	"flag.excluded":             {"excluded by a person", "人工排除"},

	"baseline.fixed":           {"fixed figure", "固定值"},
	"baseline.reference_day":   {"reference period, by day", "参考期（按日）"},
	"baseline.reference_shift": {"reference period, by shift", "参考期（按班次）"},
	"baseline.learned":         {"learned before the disruption", "停产前学习"},
	"baseline.mixed":           {"several", "多种来源"},

	"rules.resumed": {"A plant is resumed once it makes at least %s in consecutive windows of %s that add up to %s; it is stopped once it makes less than %s for %s.",
		"工厂在连续的统计时段（每段%s）内达到%s、累计满%s，即为已复产；低于%s满%s，即为停产。"},
	"rules.normal": {"A resumed plant is normal from %s on.", "已复产的工厂达到%s即为正常。"},
	"rules.reference_day": {"Normal output of lines without a fixed figure: the mean of whole days, %s to %s.",
		"未设固定值的产线，其正常产量为 %s 至 %s 的日均产量。"},
	"rules.reference_shift": {"Normal output of lines without a fixed figure: the mean for each day of the week and shift, %s to %s.",
		"未设固定值的产线，其正常产量为 %s 至 %s 按星期和班次的平均产量。"},
	"rules.learned": {"Normal output of lines without another figure: the median of the same shifts of the weeks before %s.",
		"无其他依据的产线，其正常产量为 %s 之前数周相同班次的中位数。"},
	"rules.rate": {"Resumption rate = (resumed + normal) / eligible. Eligible are the enrolled plants with a commissioned line that were scheduled on any of the 7 production days up to the day and that nobody excluded. The unknown stay in the denominator; the bounds count none and all of them as resumed.",
		"复产率 =（已复产 + 正常）/ 应统计工厂。应统计工厂：已登记、有已投用产线、截至当日 7 个生产日内有排班且未被排除的工厂。未知工厂保留在分母中；上下限分别按全不计入和全部计入计算。"},
	"rules.coverage": {"Coverage = plants whose newest closed window was observed at least in part / eligible.",
		"数据覆盖率 = 最近一个已结束时段有数据的工厂 / 应统计工厂。"},
	"rules.recovery": {"Output recovery = weighted mean of the plants' output over normal output, not capped. Activity index = (resumption rate + output recovery) / 2.",
		"产量恢复率 = 各工厂产量与正常产量之比的加权平均，不设上限。活跃指数 =（复产率 + 产量恢复率）/ 2。"},
	"rules.day":       {"The figures of a day are those at its end, in %s.", "每日数据为当日结束时的数据，时区 %s。"},
	"rules.overrides": {"Some plants have rules of their own (%d overrides).", "部分工厂另有规则（%d 条）。"},
	"normal-output":   {"%s of normal output", "正常产量的 %s"},
	"per-hour":        {"%s of scheduled time", "计划时间内 %s"},
	"days-long":       {"%d production days", "%d 个生产日"},
	"day-long":        {"1 production day", "1 个生产日"},
}

// Definition is how the figures are defined, a sentence each.
func (r *Report) definition(lang string) (out []string) {
	if r.Rules != nil {
		out = append(out, rulesWords(lang, r.Rules)...)
	}
	for _, key := range []string{"rules.rate", "rules.coverage", "rules.recovery"} {
		out = append(out, say(lang, key))
	}
	return append(out, fmt.Sprintf(say(lang, "rules.day"), r.Zone))
}

func rulesWords(lang string, conf *rules.Config) (out []string) {
	c := conf.WithDefaults().Resume
	at, window, hold, stop, stopHold := level(lang, c.At), span(lang, c.Window), span(lang, c.Hold), level(lang, c.Stop), span(lang, c.StopHold)
	args := []any{at, window, hold, stop, stopHold}
	if lang == "zh" { // another order of words
		args[0], args[1] = window, at
	}
	out = append(out, fmt.Sprintf(say(lang, "rules.resumed"), args...))
	if !c.Normal.IsZero() {
		out = append(out, fmt.Sprintf(say(lang, "rules.normal"), level(lang, c.Normal)))
	}
	if ref := conf.Baseline.Reference; !ref.IsZero() {
		key := "rules.reference_day"
		if ref.Per == rules.PerShift {
			key = "rules.reference_shift"
		}
		out = append(out, fmt.Sprintf(say(lang, key), ref.From, ref.To))
	}
	if conf.Baseline.Learned {
		out = append(out, fmt.Sprintf(say(lang, "rules.learned"), conf.DisruptionDate))
	}
	if n := len(conf.Overrides); n > 0 {
		out = append(out, fmt.Sprintf(say(lang, "rules.overrides"), n))
	}
	return out
}

func level(lang string, l plant.Level) string {
	text, err := l.MarshalText()
	if err != nil {
		return err.Error()
	}
	key := "normal-output"
	if l.Rate.Set {
		key = "per-hour"
	}
	return fmt.Sprintf(say(lang, key), text)
}

func span(lang string, s plant.Span) string {
	switch {
	case s.Days == 1:
		return say(lang, "day-long")
	case s.Days > 1:
		return fmt.Sprintf(say(lang, "days-long"), s.Days)
	}
	return s.String()
}

// percent writes a share as 29.9 %, or – where there is none. It never rounds
// up: what is just under a threshold must not look as if it had reached it.
func percent(share *float64) string {
	if share == nil || math.IsNaN(*share) || math.IsInf(*share, 0) {
		return "–"
	}
	return strconv.FormatFloat(math.Floor(*share*1000+1e-6)/10, 'f', 1, 64) + "\u202f%"
}

// segmentName is a segment for a person.
func segmentName(lang, segment, value string) string {
	switch {
	case segment == plant.SegmentAll:
		return say(lang, "all")
	case value == plant.SegmentNone:
		value = say(lang, "none")
	}
	return segment + ": " + value
}

func flags(lang string, names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = say(lang, "flag."+name)
	}
	return strings.Join(out, ", ")
}

func baseline(lang string, v *plant.Verdict) string {
	if v == nil || v.Baseline == "" {
		return "–"
	}
	return say(lang, "baseline."+v.Baseline)
}

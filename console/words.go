package console

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/text/language"
)

// The languages of the page. The first is what others fall back to.
var languages = []string{"en", "zh"}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Chinese})

// languageOf is the language to answer r in: ?lang= if it is one of ours,
// else what the browser prefers.
func languageOf(r *http.Request) string {
	asked := r.URL.Query().Get("lang")
	for _, l := range languages {
		if asked == l || strings.HasPrefix(asked, l+"-") {
			return l
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return languages[0]
	}
	_, i, _ := matcher.Match(tags...)
	return languages[i]
}

// say returns the words for key in language lang. A key nobody translated is
// an error: it would show on the page.
func say(lang, key string) (string, error) {
	w, ok := words[key]
	if !ok {
		return "", fmt.Errorf("no words for %q", key)
	}
	if lang == "zh" {
		return w.zh, nil
	}
	return w.en, nil
}

// sayOr is say for words that rules may add to: what is not known is shown
// as it is, readable.
func sayOr(lang, prefix, word string) string {
	if text, err := say(lang, prefix+word); err == nil {
		return text
	}
	return strings.ReplaceAll(word, "_", " ")
}

// reason says why, or nothing where the state's own word has said it: what
// runs has made a part, what stands has not.
func reason(lang, word string) string {
	switch word {
	case "", "window", "first_part", "no_part", "planned_stop", "condition":
		return ""
	}
	return sayOr(lang, "reason.", word)
}

// words is every word of the page: English, Chinese.
var words = map[string]struct{ en, zh string }{
	"title":        {"Heartline: plants", "Heartline：工厂看板"},
	"skip":         {"Skip to the plants", "跳到工厂列表"},
	"live":         {"Live", "实时"},
	"connecting":   {"Connecting", "连接中"},
	"lost":         {"Connection lost", "连接中断"},
	"lost.long":    {"Connection lost. What you see is from", "连接已中断。画面停留在"},
	"lost.retry":   {"Trying again.", "正在重试。"},
	"static":       {"Without JavaScript: renewed every 30 seconds", "未启用 JavaScript：每 30 秒刷新"},
	"not-ready":    {"Heartline is not ready", "Heartline 未就绪"},
	"language":     {"Language", "语言"},
	"summary":      {"Plants by phase", "各阶段工厂数"},
	"lines":        {"Lines", "产线"},
	"plants":       {"Plants", "工厂"},
	"filter":       {"Find a plant", "查找工厂"},
	"filter.hint":  {"name, id or label", "名称、编号或标签"},
	"filter.go":    {"Find", "查找"},
	"filter.clear": {"Show all", "显示全部"},
	"shown":        {"shown", "已显示"},
	"hidden":       {"more not shown, the less urgent ones: use the filter to find them", "家较不紧急的未显示：请用筛选查找"},
	"no-match":     {"No enrolled plant matches the filter.", "没有符合筛选条件的已登记工厂。"},
	"none":         {"None of the enrolled plants is known yet.", "尚无已登记的工厂。"},
	"others":       {"Not enrolled", "未登记"},
	"others.hint":  {"Heard and stored, but in no figure until they are in the registry.", "已接收并存储；登记之前不计入任何统计。"},
	"others.more":  {"more not enrolled, not shown", "家未登记的未显示"},
	"news":         {"Latest transitions", "最新变化"},
	"news.none":    {"Nothing has changed yet.", "暂无变化。"},

	"recovery":      {"Recovery", "恢复率"},
	"not-evaluated": {"not evaluated", "未评估"},
	"to":            {"to", "至"},
	"so-far":        {"so far", "本时段至今"},
	"since":         {"since", "自"},
	"no-verdict":    {"no verdict yet", "尚无结论"},
	"heard":         {"heard", "最近心跳"},
	"never-heard":   {"never heard", "从未收到心跳"},
	"lines.more":    {"and", "另有"},
	"line":          {"line", "产线"},
	"first":         {"first verdict", "首次结论"},
	"relapsed":      {"relapsed", "再次停产"},

	"fleet.rate":     {"Resumption rate", "复产率"},
	"fleet.eligible": {"eligible plants", "家应统计工厂"},
	"fleet.bounds":   {"with the unknown", "计入未知为"},
	"fleet.coverage": {"coverage", "数据覆盖率"},
	"fleet.recovery": {"output recovery", "产量恢复率"},
	"fleet.proxy":    {"(by proxy)", "（替代指标）"},
	"fleet.activity": {"activity index", "活跃指数"},

	"phase.unknown":    {"Unknown", "未知"},
	"phase.stopped":    {"Stopped", "停产"},
	"phase.ramping_up": {"Ramping up", "恢复中"},
	"phase.resumed":    {"Resumed", "已复产"},
	"phase.normal":     {"Normal", "正常"},
	"phase.excluded":   {"Excluded", "已排除"},

	"line.unknown":       {"Unknown", "未知"},
	"line.running":       {"Running", "运行"},
	"line.short_stop":    {"Short stop", "短停"},
	"line.stalled":       {"Stalled", "停线"},
	"line.planned_stop":  {"Planned stop", "计划停机"},
	"line.off_shift":     {"Off shift", "非班次"},
	"line.commissioning": {"Commissioning", "调试中"},

	"oee.oee":          {"OEE", "OEE"},
	"oee.availability": {"availability", "可用率"},
	"oee.so-far":       {"so far", "至今"},
	"oee.day":          {"day", "全天"},
	"oee.above":        {"above ideal cycle", "超过理想节拍"},

	"flag.power_without_output": {"power without output", "有电耗无产出"},
	"flag.frozen_counter":       {"running, counter frozen", "报运行但计数不变"},
	"flag.repeated_payload":     {"identical payloads", "数据重复"},
	"flag.above_ideal_cycle":    {"above ideal cycle", "产量超过理想节拍"},

	"baseline.fixed":           {"of declared normal output", "以申报的正常产量为基准"},
	"baseline.reference_day":   {"of the daily mean of", "以日均产量为基准"},
	"baseline.reference_shift": {"of the mean per shift of", "以班次平均产量为基准"},
	"baseline.learned":         {"of output learned from", "以学习的产量为基准"},
	"baseline.mixed":           {"of baselines of several origins", "以多种来源的产量为基准"},
	"baseline.none":            {"no baseline: heartline baseline show", "无基准：heartline baseline show"},

	"reason.late_start":  {"late start", "开工延迟"},
	"reason.unexplained": {"unexplained", "原因不明"},
	"reason.internal":    {"internal fault", "内部故障"},
	"reason.external":    {"starved or blocked", "缺料或堵料"},
	"reason.silent":      {"silent", "无心跳"},
	"reason.blind":       {"blind", "链路中断"},
	"reason.never_seen":  {"never seen", "从未出现"},
	"reason.bad_quality": {"bad quality", "数据质量差"},
	"reason.no_baseline": {"no baseline", "无基准"},
	"reason.undecidable": {"undecidable", "无法判定"},
	"reason.heard":       {"heard", "收到心跳"},

	"reason.held_above_at":     {"held at or above the threshold", "持续达到复产门槛"},
	"reason.above_at":          {"at or above the threshold", "达到复产门槛"},
	"reason.held_below_stop":   {"held below the threshold", "持续低于停产门槛"},
	"reason.above_normal":      {"back to normal output", "恢复正常产量"},
	"reason.below_normal_exit": {"below normal output", "低于正常产量"},
	"reason.decidable":         {"can be judged again", "可重新判定"},
	"reason.no_data":           {"the machine has no data", "设备无数据"},
	"reason.unscheduled":       {"unscheduled", "计划外"},
	"reason.shift_start":       {"shift starts", "开班"},
	"reason.shift_end":         {"shift ends", "下班"},
	"reason.stop_end":          {"planned stop ends", "计划停机结束"},
	"reason.reported":          {"the machine says so", "设备上报"},

	"reason.changeover":      {"changeover", "换型"},
	"reason.exclusion_ended": {"exclusion ended", "排除结束"},

	"declared":         {"Declared by people", "人工申报"},
	"alerts":           {"Alerts", "警报"},
	"alert.firing":     {"firing", "报警中"},
	"alert.inactive":   {"over", "已解除"},
	"reason.excluded":  {"excluded", "已排除"},
	"reason.rule_gone": {"rule gone", "规则已删除"},

	"declared.exclude":      {"Excluded", "已排除"},
	"declared.planned_stop": {"Planned stop", "计划停机"},
	"declared.changeover":   {"Changeover", "换型"},
	"declared.note":         {"Note", "备注"},
	"declared.from":         {"from", "自"},
	"declared.open":         {"until it is ended", "至人工结束"},

	"empty.title": {"Waiting for the first heartbeat", "等待第一次心跳"},
	"empty.text":  {"No plant is enrolled and no heartbeat has come. Publish one with any MQTT client and it appears here:", "尚未登记工厂，也未收到心跳。用任意 MQTT 客户端发布一条，即会显示在这里："},
	"empty.note":  {"Plants you list in plants.yaml appear here at once. The address, topic and profile are those of the default configuration.", "写入 plants.yaml 的工厂会立即显示。以上地址、主题和格式为默认配置。"},
}

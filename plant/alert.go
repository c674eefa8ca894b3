package plant

// KindAlert is the kind of a transition of an alert: what a custom rule says of
// a plant, a line or a machine.
const KindAlert = "alert"

// The states of an alert. Before it fires it is inactive.
const (
	AlertInactive = "inactive"
	AlertFiring   = "firing"
)

// Alert is what a custom rule says.
type Alert struct {
	Rule     string            `json:"rule"`
	Severity string            `json:"severity"`
	Labels   map[string]string `json:"labels,omitempty"`
	// Annotations are the rule's templates, filled in: for people.
	Annotations map[string]string `json:"annotations,omitempty"`
	// Values is what the condition was decided on, by how it is written in the
	// rule: numbers, texts, booleans.
	Values map[string]any `json:"values,omitempty"`
}

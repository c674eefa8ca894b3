package logins

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-00829101/heartline/plant"
)

// OwnTopics is the topic filter of what Heartline publishes of a plant: its
// gateways may read it.
func OwnTopics(plantID string) string { return "heartline/v1/plants/" + plantID + "/#" }

// Topics returns the topic filters that a plant's gateways may publish to.
type Topics func(plantID string) []string

// Publish returns the topic filters that l may publish to.
func (l *Login) Publish(topics Topics) (out []string) {
	for _, id := range l.Plants {
		out = append(out, topics(id)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Subscribe returns the topic filters that l may subscribe to.
func (l *Login) Subscribe() (out []string) {
	for _, id := range l.Plants {
		out = append(out, OwnTopics(id))
	}
	return out
}

// WriteACL writes the same rules as an access control list for Mosquitto, in
// which reader is the login of Heartline itself and filters what it subscribes
// to.
func WriteACL(w io.Writer, u *Users, topics Topics, reader string, filters []string) error {
	if u.Login(reader) != nil {
		return plant.Errorf(plant.CodeInvalid, "%q is a gateway's login: with Heartline's rights it could read and publish everything; name another login for Heartline", reader)
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# Who may do what at this broker, for Mosquitto's acl_file. Made by `heartline acl`;\n"+
		"# make it again when plants, sources or logins change. Everything else is refused.\n"+
		"# With `use_username_as_clientid true` in mosquitto.conf no login takes over the session of\n"+
		"# another; each login is then one client.\n\n"+
		"user %s\n", reader)
	for _, f := range filters {
		fmt.Fprintf(out, "topic read %s\n", f)
	}
	fmt.Fprintf(out, "topic readwrite heartline/v1/#\ntopic read $SYS/#\n")
	for _, l := range u.All() {
		fmt.Fprintf(out, "\nuser %s\n", l.Name)
		for _, f := range l.Publish(topics) {
			fmt.Fprintf(out, "topic write %s\n", f)
		}
		for _, f := range l.Subscribe() {
			fmt.Fprintf(out, "topic read %s\n", f)
		}
	}
	return out.Flush()
}

// Subject turns a topic filter into the subject that the embedded broker knows
// it by: levels are parted by dots, a dot in a level is //, an empty level /.
func Subject(filter string) string {
	levels := strings.Split(filter, "/")
	for i, level := range levels {
		switch level {
		case "+":
			levels[i] = "*"
		case "#":
			levels[i] = ">"
		case "":
			levels[i] = "/"
		default:
			levels[i] = strings.ReplaceAll(level, ".", "//")
		}
	}
	return strings.Join(levels, ".")
}

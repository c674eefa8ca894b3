package mqtt

import (
	"encoding/json"
	"strings"
)

// maxWill is the longest payload, in bytes, that is looked into.
const maxWill = 4 << 10

// offlineWords are what gateways say in their last will.
var offlineWords = map[string]bool{
	"offline": true, "down": true, "disconnected": true, "lost": true, "dead": true,
	"0": true, "false": true, "no": true, "off": true,
}

// willUp reports whether the payload of a gateway's will topic says that it
// is there. Some words, or a JSON object whose online, connected, state or
// status is one of them, say that it is gone; anything else is a sign of life.
func willUp(payload []byte) bool {
	if len(payload) > maxWill {
		return true
	}
	text := strings.TrimSpace(string(payload))
	if strings.HasPrefix(text, "{") {
		var fields map[string]any
		if json.Unmarshal([]byte(text), &fields) != nil {
			return true
		}
		for _, name := range []string{"online", "connected", "state", "status"} {
			switch v := fields[name].(type) {
			case bool:
				return v
			case float64:
				return v != 0
			case string:
				return !offlineWords[strings.ToLower(v)]
			}
		}
		return true
	}
	return !offlineWords[strings.ToLower(strings.Trim(text, `"`))]
}

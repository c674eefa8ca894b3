package console

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
)

// maxLetters is how many dead letters one answer holds at most.
const maxLetters = 1000

// Letter is a dead letter as the API has it.
type Letter struct {
	ID     uint64        `json:"id"`
	At     plant.Instant `json:"at"`
	Topic  string        `json:"topic"`
	Broker string        `json:"broker"`
	Source string        `json:"source"`
	Plant  string        `json:"plant"`
	Reason string        `json:"reason"`
	Words  string        `json:"words"`
	Bytes  int           `json:"bytes"` // of its payload or point
}

// WholeLetter is a dead letter with what it holds: the payload as it was
// received, or the point that was refused.
type WholeLetter struct {
	Letter
	Payload []byte `json:"payload"` // base64
	Point   string `json:"point"`
}

func shapeLetter(k *collector.KeptLetter) Letter {
	return Letter{
		ID: k.ID, At: plant.InstantOf(k.At), Topic: k.Topic, Broker: k.Broker, Source: k.Source, Plant: k.Plant,
		Reason: k.Reason, Words: k.Words, Bytes: len(k.Payload) + len(k.Point),
	}
}

func (s *Server) getLetters(w http.ResponseWriter, r *http.Request) {
	q, err := parseLetterQuery(r.URL.Query())
	if err == nil && s.letters == nil {
		err = errNoLetters
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	all, err := s.letters.Letters(r.Context(), q)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := make([]Letter, len(all))
	for i := range all {
		out[i] = shapeLetter(&all[i])
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"deadletters": out})
}

func (s *Server) getLetter(w http.ResponseWriter, r *http.Request) {
	id, err := s.letterID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	k, err := s.letters.Letter(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := WholeLetter{Letter: shapeLetter(&k), Payload: k.Payload, Point: string(k.Point)}
	writeJSON(w, http.StatusOK, "application/json", out)
}

func (s *Server) postReplay(w http.ResponseWriter, r *http.Request) {
	id, err := s.letterID(r)
	if err == nil {
		err = s.letters.ReplayLetter(r.Context(), id)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"id": id, "replayed": true})
}

var errNoLetters = plant.Errorf(plant.CodeNotFound, "this Heartline was started without dead letters")

func (s *Server) letterID(r *http.Request) (uint64, error) {
	if s.letters == nil {
		return 0, errNoLetters
	}
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil || id == 0 {
		return 0, plant.Errorf(plant.CodeInvalid, "%s is no number of a dead letter", printable(r.PathValue("id")))
	}
	return id, nil
}

func parseLetterQuery(v url.Values) (q collector.LetterQuery, err error) {
	for name := range v {
		switch name {
		case "reason", "plant", "from", "to", "before", "limit":
		default:
			return q, plant.Errorf(plant.CodeInvalid, "%s is no parameter of deadletters; there are reason, plant, from, to, before and limit", printable(name))
		}
	}
	q.Reason, q.Plant, q.Limit = v.Get("reason"), v.Get("plant"), defaultLimit
	from, err := parseTime("from", v.Get("from"))
	if err != nil {
		return q, err
	}
	to, err := parseTime("to", v.Get("to"))
	if err != nil {
		return q, err
	}
	if from != 0 {
		q.From = from.Time()
	}
	if to != 0 {
		q.To = to.Time()
	}
	if text := v.Get("before"); text != "" {
		if q.Before, err = strconv.ParseUint(text, 10, 64); err != nil {
			return q, plant.Errorf(plant.CodeInvalid, "before: %s is no number of a dead letter", printable(text))
		}
	}
	if text := v.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > maxLetters {
			return q, plant.Errorf(plant.CodeInvalid, "limit: %s is no number from 1 to %d", printable(text), maxLetters)
		}
	}
	return q, nil
}

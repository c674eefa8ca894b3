package queue

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-00829101/heartline/plant"
)

// The server's error codes that decide what to do.
const (
	apiAccountFull     jetstream.ErrorCode = 10002
	apiServerFull      jetstream.ErrorCode = 10023
	apiDiskFull        jetstream.ErrorCode = 10047
	apiTooLarge        jetstream.ErrorCode = 10054
	apiWrongLast       jetstream.ErrorCode = 10071
	apiStoreFailed     jetstream.ErrorCode = 10077
	apiWrongLastNoSeq  jetstream.ErrorCode = 10164
	apiStreamOverLimit jetstream.ErrorCode = 10122
)

// Gap says that messages of a stream are gone, or cannot be read, which their
// reader had not seen. errors.As finds it in a CodeDamaged error.
type Gap struct {
	Stream   string
	From, To uint64 // both missing
}

func (g *Gap) Error() string {
	return fmt.Sprintf("stream %s: messages %d to %d are gone or cannot be read; they were damaged on disk, or removed by someone else", g.Stream, g.From, g.To)
}

func gapError(g *Gap) error {
	return &plant.Error{Code: plant.CodeDamaged, What: g.Error(), Err: g}
}

var (
	// errMoved: the stream's last sequence number is not the one expected.
	errMoved = errors.New("the stream's last sequence number is another one")
	// errUnknown: nobody knows whether the message was stored.
	errUnknown = errors.New("the server did not say whether it was stored")
)

// publishError gives an error of a publish to stream its code. errMoved and
// errUnknown are in its chain where they apply.
func publishError(stream string, size int, err error) error {
	var api *jetstream.APIError
	switch {
	case errors.As(err, &api):
		return apiPublishError(stream, size, api)
	case errors.Is(err, nats.ErrMaxPayload):
		return plant.Errorf(plant.CodeInvalid, "stream %s: a message of %d bytes is larger than the server's max_payload; set it to at least %d: %w", stream, size, MinPayload, err)
	case errors.Is(err, jetstream.ErrNoStreamResponse), errors.Is(err, nats.ErrConnectionClosed),
		errors.Is(err, nats.ErrConnectionDraining), errors.Is(err, nats.ErrReconnectBufExceeded):
		return plant.Errorf(plant.CodeUnavailable, "stream %s: the queue's server does not answer: %w", stream, err)
	}
	return &plant.Error{Code: plant.CodeUnavailable,
		What: fmt.Sprintf("stream %s: no answer from the queue's server (its disk may be full or broken; see its log): %v", stream, err),
		Err:  errors.Join(errUnknown, err)}
}

func apiPublishError(stream string, size int, api *jetstream.APIError) error {
	switch api.ErrorCode {
	case apiWrongLast, apiWrongLastNoSeq:
		return errors.Join(errMoved, api)
	case apiAccountFull, apiServerFull, apiDiskFull:
		return plant.Errorf(plant.CodeFull, "stream %s: the queue's server has no room (%s); raise its limit or free its disk", stream, api.Description)
	case apiTooLarge:
		return plant.Errorf(plant.CodeInvalid, "stream %s: a message of %d bytes is too large: %w", stream, size, api)
	case apiStoreFailed:
		switch api.Description {
		case "maximum bytes exceeded", "maximum messages exceeded":
			return fullError(stream)
		case "store is closed":
			return plant.Errorf(plant.CodeUnavailable, "stream %s: the queue's server is stopping: %w", stream, api)
		}
		return plant.Errorf(plant.CodeInternal, "stream %s: the queue's server could not write (%s); check its disk, then restart", stream, api.Description)
	}
	if api.Code == 503 {
		return plant.Errorf(plant.CodeUnavailable, "stream %s: the queue's server is not ready: %w", stream, api)
	}
	return plant.Errorf(plant.CodeInternal, "stream %s: the queue's server refused a message: %w", stream, api)
}

func fullError(stream string) error {
	return plant.Errorf(plant.CodeFull, "stream %s is full: nothing more is taken until InfluxDB and the rules have caught up; to hold more, raise queue.max_bytes", stream)
}

// requestError gives an error of any other request its code.
func requestError(what string, err error) error {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return plant.Errorf(plant.CodeUnavailable, "%s: no answer from the queue's server: %w", what, err)
	}
	switch {
	case api.ErrorCode == apiDiskFull, api.ErrorCode == apiStreamOverLimit, api.ErrorCode == apiAccountFull, api.ErrorCode == apiServerFull:
		return plant.Errorf(plant.CodeInvalid, "%s: the server has no room for it (%s); lower queue.max_bytes or use a larger disk", what, api.Description)
	case api.Code == 503:
		return plant.Errorf(plant.CodeUnavailable, "%s: the queue's server is not ready: %w", what, api)
	}
	return plant.Errorf(plant.CodeRefused, "%s: the queue's server refused: %w", what, api)
}

package console

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/seed-00829101/heartline/collector"
	"github.com/seed-00829101/heartline/plant"
	"github.com/seed-00829101/heartline/rules"
)

const (
	// DefaultRecent is how many transitions are kept in memory.
	DefaultRecent = 1000
	// maxStreams bounds the event streams open at once.
	maxStreams = 1000
	// heartbeatEvery is how often a stream without news says that it lives.
	heartbeatEvery = 15 * time.Second
	// apiPace and pagePace are the shortest times between two updates of one
	// stream: what changes more often is sent with its latest value only.
	apiPace  = 200 * time.Millisecond
	pagePace = 500 * time.Millisecond
	// writeTimeout is how long a client may take to accept one write.
	writeTimeout = 30 * time.Second
)

// Options are what a Server needs. The zero Options works.
type Options struct {
	Log   *slog.Logger    // nil: nothing is logged
	Clock collector.Clock // nil: time.Now
	// Ready says why the process is not ready; empty or nil: it is. It is
	// called from many goroutines, about twice a second for each open page.
	Ready func() []Problem
	// Waits names the keys of the configuration whose change waits for a
	// restart; nil: none ever does.
	Waits func() []string
	// Metrics answers /metrics; nil: there is none (404).
	Metrics http.Handler
	// Watched returns what is seen of a plant's machines; nil: nothing is.
	Watched func(ctx context.Context, plantID string) (Watched, error)
	// Ledger returns what became of every sample, by plant and source, and
	// whether the backlog of the last start is counted; nil: there is none.
	Ledger func() (postings []collector.Posting, complete bool)
	// Resumption are the fleet's figures; nil: there are none.
	Resumption Resumption
	// Letters are the dead letters; nil: there are none.
	Letters Letters
	// Imports takes history; nil: none is taken.
	Imports Imports
	// Baselines are what lines normally make; nil: there are none.
	Baselines Baselines
	// Declarations takes what people declare; nil: nothing is taken.
	Declarations Declarations
	Version      string
	Recent       int // transitions kept in memory; 0: DefaultRecent
}

// Problem is one reason why Heartline is not ready.
type Problem struct {
	Component string `json:"component"` // which part: "queue", "influxdb", "broker gw"
	What      string `json:"what"`      // one sentence for a plant engineer
}

// Letters gives access to dead letters.
type Letters interface {
	// Letters returns those that match, newest first.
	Letters(ctx context.Context, q collector.LetterQuery) ([]collector.KeptLetter, error)
	// Letter returns the one with this ID; CodeNotFound where it is gone.
	Letter(ctx context.Context, id uint64) (collector.KeptLetter, error)
	// ReplayLetter takes it as if its message came now, once; CodeInvalid
	// where it still cannot be read. It stays where an error is returned.
	ReplayLetter(ctx context.Context, id uint64) error
}

// Server holds what the board shows and answers HTTP requests about it. All
// methods are safe for concurrent use; none waits for a client.
type Server struct {
	log        *slog.Logger
	clock      collector.Clock
	ready      func() []Problem
	waits      func() []string
	metrics    http.Handler
	watched    func(context.Context, string) (Watched, error)
	ledger     func() ([]collector.Posting, bool)
	resumption Resumption
	letters    Letters
	imports    Imports
	baselines  Baselines
	declares   Declarations
	version    string
	build      string // changes with the page's own files: open pages reload
	board      *board
	shifts     shiftLog
	pages      map[string]*pages // by language
	handler    http.Handler
	closed     context.Context
	close      context.CancelFunc
	streams    atomic.Int64
	heartbeat  time.Duration
	apiPace    time.Duration
	pagePace   time.Duration
}

// New returns a server that knows no plant yet.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Ready == nil {
		o.Ready = func() []Problem { return nil }
	}
	if o.Waits == nil {
		o.Waits = func() []string { return nil }
	}
	if o.Recent <= 0 {
		o.Recent = DefaultRecent
	}
	epoch := fmt.Sprintf("%x", o.Clock().UnixNano())
	s := &Server{
		log: o.Log, clock: o.Clock, ready: o.Ready, waits: o.Waits, metrics: o.Metrics, watched: o.Watched, ledger: o.Ledger, resumption: o.Resumption, letters: o.Letters, imports: o.Imports, baselines: o.Baselines,
		declares: o.Declarations, version: o.Version,
		build: buildOf(o.Version), board: newBoard(epoch, o.Recent), pages: allPages(),
		heartbeat: heartbeatEvery, apiPace: apiPace, pagePace: pagePace,
	}
	s.closed, s.close = context.WithCancel(context.Background())
	s.handler = s.routing()
	return s
}

// Update takes what is now known of some plants, by their id. Views are kept:
// the caller must not change them, nor what they point to, afterwards.
func (s *Server) Update(views []rules.PlantView) {
	s.board.update(views)
	s.shifts.seen(views)
}

// Remove forgets plants. Ids nobody knows are no error.
func (s *Server) Remove(ids ...string) { s.board.remove(ids) }

// Transitions appends transitions, newest last. One whose id is already kept
// is ignored.
func (s *Server) Transitions(ts []plant.Transition) { s.board.transitions(ts) }

// Shifts appends what lines made of shifts that closed.
func (s *Server) Shifts(shifts []plant.ShiftFigures) { s.shifts.add(shifts) }

// Handler answers every route of the console. Streams set their own write
// deadlines; the http.Server around it should set ReadHeaderTimeout.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the event streams and refuses new ones; everything else goes on
// answering. Call it before http.Server.Shutdown, which waits for streams.
// It may be called more than once.
func (s *Server) Close() { s.close() }

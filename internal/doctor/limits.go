package doctor

import (
	"fmt"
	"math"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/seed-00829101/heartline/internal/config"
	"github.com/seed-00829101/heartline/plant"
)

const (
	// What the queue takes on disk, in bytes, measured: so much for each sample,
	// packed with others of its frame, and so much for each frame. The slower
	// samples come, the fewer share one: from about 500 a second on several do.
	perSample = 50
	perFrame  = 280
	maxFrames = 500 // a second
	// perHeld is about what a message takes in the embedded broker's store.
	perHeld = 400
	// minFiles is how many files the embedded servers and their clients may
	// need open.
	minFiles = 4096
)

// Rate is how many messages a second the registry declares; machines that
// report on change are left out.
func Rate(r *plant.Registry) float64 {
	rate := 0.0
	for _, p := range r.Plants {
		for _, l := range p.Lines {
			if every := l.Interval.Every; every > 0 {
				rate += float64(len(l.Machines)) / every.Seconds()
			}
		}
	}
	return rate
}

// queueBytes is what the queue grows by a second while InfluxDB is away, with a
// tick where nothing else comes.
func queueBytes(rate float64) float64 {
	return rate*perSample + min(rate+1, maxFrames)*perFrame
}

// Limits compares what queue, disk and process may hold with the declared rate
// and outage. It asks nobody but this machine.
func Limits(l *config.Loaded) Findings {
	var fs Findings
	rate, outage := Rate(l.Registry), time.Duration(l.Config.Outage)
	needs := rate * outage.Seconds()
	if rate == 0 {
		fs.add(Warning, "registry", "enrol plants; heartline doctor --listen proposes what it hears", "declares no machine that reports regularly: limits cannot be judged")
	} else {
		fs.add(OK, "registry", "", "declares %.1f messages a second; %s without InfluxDB are %.0f", rate, outage, needs)
	}
	queue := float64(l.Config.Queue.MaxBytes)
	grows := queueBytes(rate) * outage.Seconds()
	if lasts := queue / queueBytes(rate); grows > queue {
		fs.add(Warning, "queue", fmt.Sprintf("queue.max_bytes: %s", sizeFor(grows)),
			"holds %s of the declared rate, not %s; then nothing more is acknowledged, and brokers and gateways must keep it", span(lasts), outage)
	} else {
		fs.add(OK, "queue", "", "holds %s of the declared rate", span(lasts))
	}
	limitDisk(&fs, l, grows)
	limitBroker(&fs, l, needs)
	limitFiles(&fs)
	whiteSpace(&fs, l)
	return fs
}

func limitDisk(fs *Findings, l *config.Loaded, grows float64) {
	var disk syscall.Statfs_t
	dir := l.Config.DataDir
	if err := syscall.Statfs(dir, &disk); err != nil {
		if err = syscall.Statfs(".", &disk); err != nil {
			return
		}
	}
	free, least := float64(disk.Bavail)*float64(disk.Bsize), float64(l.Config.MinFreeDisk)
	switch {
	case free < least:
		fs.add(Trouble, "disk", fmt.Sprintf("free some disk under %s, or lower min_free_disk", dir), "%s are free, less than min_free_disk: nothing would be taken", sizeFor(free))
	case free-least < grows:
		fs.add(Warning, "disk", fmt.Sprintf("give %s more room", dir), "%s are free; the declared outage needs %s and min_free_disk", sizeFor(free), sizeFor(grows))
	default:
		fs.add(OK, "disk", "", "%s are free under %s", sizeFor(free), dir)
	}
}

// limitBroker is about the embedded broker, whose store holds what comes while
// we ourselves are away or our queue is full.
func limitBroker(fs *Findings, l *config.Loaded, needs float64) {
	if len(l.Config.MQTT.Servers) > 0 {
		return
	}
	if store := float64(l.Config.MQTT.StoreMaxBytes); needs*perHeld > store {
		fs.add(Warning, "broker", fmt.Sprintf("mqtt.store_max_bytes: %s", sizeFor(needs*perHeld)),
			"the embedded broker holds %s of the declared rate once the queue is full; then publishers get no PUBACK", span(store/perHeld/max(Rate(l.Registry), 1e-9)))
	}
}

func limitFiles(fs *Findings) {
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil {
		return
	}
	if lim.Cur < minFiles {
		fs.add(Warning, "files", fmt.Sprintf("ulimit -n %d, or LimitNOFILE=%d in the systemd unit", 1<<16, 1<<16), "only %d files may be open at once", lim.Cur)
	} else {
		fs.add(OK, "files", "", "%d files may be open at once", lim.Cur)
	}
}

// whiteSpace looks for ids that the embedded broker cannot carry in a topic.
func whiteSpace(fs *Findings, l *config.Loaded) {
	if len(l.Config.MQTT.Servers) > 0 {
		return
	}
	has := func(text string) bool { return strings.ContainsFunc(text, unicode.IsSpace) }
	for _, p := range l.Registry.Plants {
		for _, line := range p.Lines {
			for _, id := range append([]string{p.ID, line.ID}, line.Machines...) {
				if has(id) {
					fs.add(Trouble, "topics", "rename it, or use Mosquitto (mqtt.servers)",
						"%q of plant %q holds white space: the embedded broker closes the connection of whoever publishes to such a topic", id, p.ID)
					return
				}
			}
		}
	}
}

// span is so many seconds, as people say it.
func span(seconds float64) string {
	if seconds > 100*365*24*3600 {
		return "ever so long"
	}
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d > 48*time.Hour:
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	case d > time.Minute:
		return d.Round(time.Minute).String()
	}
	return d.Round(time.Second).String()
}

// sizeFor is a size that holds so many bytes, as configurations write it.
func sizeFor(bytes float64) string {
	if gib := bytes / (1 << 30); gib >= 1 {
		return fmt.Sprintf("%.0fGiB", math.Ceil(gib))
	}
	return fmt.Sprintf("%.0fMiB", math.Ceil(bytes/(1<<20)))
}

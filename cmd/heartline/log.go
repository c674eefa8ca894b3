package main

import (
	"io"
	"log/slog"

	"github.com/seed-00829101/heartline/internal/config"
)

// newLog writes one line per event, as the configuration wants it.
func newLog(loaded *config.Loaded, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(loaded.Config.Log.Level)) // checked when loaded
	options := &slog.HandlerOptions{Level: level}
	if loaded.Config.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// quiet is a log that nobody reads: what a command finds it prints itself.
var quiet = slog.New(slog.DiscardHandler)

package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// listenFile holds the login by which the embedded broker may be listened to,
// for who may read the data directory anyway.
const listenFile = "listen-login"

// ListenLogin returns the login by which the embedded broker of the Heartline
// that runs on dir may be listened to; an error where none does.
func ListenLogin(dir string) (user, password string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, listenFile))
	user, password, _ = strings.Cut(strings.TrimSpace(string(text)), ":")
	return user, password, err
}

func (a *App) writeListenLogin() error {
	if a.nats == nil || a.nats.MQTTURL() == "" {
		return nil
	}
	user, password := a.nats.ListenLogin()
	return os.WriteFile(filepath.Join(a.cfg.DataDir, listenFile), []byte(user+":"+password+"\n"), 0o600)
}

// removeListenLogin takes away what lets nobody in any more.
func removeListenLogin(dir string) error {
	err := os.Remove(filepath.Join(dir, listenFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

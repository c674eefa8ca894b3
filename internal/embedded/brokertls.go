package embedded

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/seed-00829101/heartline/plant"
)

// BrokerTLS names the files of the broker's TLS. They are read again when they
// change, for connections that come after.
type BrokerTLS struct {
	CertFile, KeyFile string
	// ClientCAFile, where not empty: every client but ours shows a
	// certificate of these authorities.
	ClientCAFile string
}

// brokerTLS holds what was read of a BrokerTLS. Safe for concurrent use.
type brokerTLS struct {
	files BrokerTLS
	log   *slog.Logger

	mu     sync.Mutex // guards what follows
	config *tls.Config
	stamps [3]time.Time
}

// newBrokerTLS reads the files; a CodeInvalid error says what is wrong.
func newBrokerTLS(files BrokerTLS, log *slog.Logger) (*brokerTLS, error) {
	b := &brokerTLS{files: files, log: log}
	if err := b.read(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *brokerTLS) read() error {
	b.stamps = b.changed()
	cert, err := tls.LoadX509KeyPair(b.files.CertFile, b.files.KeyFile)
	if err != nil {
		return plant.Errorf(plant.CodeInvalid, "mqtt.tls: cert_file and key_file cannot be used: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	if b.files.ClientCAFile != "" {
		pem, err := os.ReadFile(b.files.ClientCAFile)
		if err != nil {
			return plant.Errorf(plant.CodeInvalid, "mqtt.tls: client_ca_file cannot be read: %w", err)
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return plant.Errorf(plant.CodeInvalid, "mqtt.tls: client_ca_file %s holds no certificate", b.files.ClientCAFile)
		}
		config.ClientAuth = tls.VerifyClientCertIfGiven // ours has none; see doorman.Check
	}
	b.config = config
	return nil
}

// changed is when each file changed last.
func (b *brokerTLS) changed() (out [3]time.Time) {
	for i, name := range []string{b.files.CertFile, b.files.KeyFile, b.files.ClientCAFile} {
		if info, err := os.Stat(name); name != "" && err == nil {
			out[i] = info.ModTime()
		}
	}
	return out
}

// now is the configuration of the files as they are. While new ones cannot be
// used (they are being written), the old ones hold.
func (b *brokerTLS) now() *tls.Config {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed() == b.stamps {
		return b.config
	}
	if err := b.read(); err != nil {
		b.log.Error("the broker's new certificate is not used, the old one holds", "err", err)
	} else {
		b.log.Info("the broker's certificate was read again")
	}
	return b.config
}

// server is the configuration the server listens with.
func (b *brokerTLS) server() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: b.config.Certificates, ClientCAs: b.config.ClientCAs, ClientAuth: b.config.ClientAuth,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return b.now(), nil },
	}
}

// client is the configuration of our own clients: they ask for the broker's
// very certificate, whoever signed it and whatever it is called.
func (b *brokerTLS) client() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, // compared below
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			own := b.now().Certificates[0].Certificate
			if len(raw) == 0 || !bytes.Equal(raw[0], own[0]) {
				return errors.New("the broker shows another certificate than mqtt.tls.cert_file")
			}
			return nil
		},
	}
}

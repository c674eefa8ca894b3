package embedded

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"

	"github.com/seed-00829101/heartline/internal/renew"
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

// brokerTLS holds what was made of a BrokerTLS. Safe for concurrent use.
type brokerTLS struct{ files *renew.Files[*tls.Config] }

// newBrokerTLS reads the files; a CodeInvalid error says what is wrong.
func newBrokerTLS(files BrokerTLS, log *slog.Logger) (*brokerTLS, error) {
	f, err := renew.Open(files.read,
		func(*tls.Config) { log.Info("the broker's certificate was read again") },
		func(err error) { log.Error("the broker's new certificate is not used, the old one holds", "err", err) },
		files.CertFile, files.KeyFile, files.ClientCAFile)
	if err != nil {
		return nil, err
	}
	return &brokerTLS{f}, nil
}

func (b BrokerTLS) read() (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(b.CertFile, b.KeyFile)
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "mqtt.tls: cert_file and key_file cannot be used: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	if b.ClientCAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(b.ClientCAFile)
	if err != nil {
		return nil, plant.Errorf(plant.CodeInvalid, "mqtt.tls: client_ca_file cannot be read: %w", err)
	}
	config.ClientCAs = x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, plant.Errorf(plant.CodeInvalid, "mqtt.tls: client_ca_file %s holds no certificate", b.ClientCAFile)
	}
	config.ClientAuth = tls.VerifyClientCertIfGiven // ours has none; see doorman.Check
	return config, nil
}

// now is the configuration of the files as they are. While new ones cannot be
// used (they are being written), the old ones hold.
func (b *brokerTLS) now() *tls.Config { return b.files.Now() }

// server is the configuration the server listens with.
func (b *brokerTLS) server() *tls.Config {
	now := b.now()
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: now.Certificates, ClientCAs: now.ClientCAs, ClientAuth: now.ClientAuth,
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

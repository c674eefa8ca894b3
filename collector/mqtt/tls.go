package mqtt

import (
	"crypto/tls"
	"crypto/x509"
	"os"

	"github.com/seed-00829101/heartline/plant"
)

// TLSConfig reads what a server's certificate is checked against and what we
// show it. caFile empty: the system's authorities; certFile and keyFile empty:
// no client certificate. A CodeInvalid error names the file and what it lacks.
func TLSConfig(caFile, certFile, keyFile string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, plant.Errorf(plant.CodeInvalid, "ca_file cannot be read: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, plant.Errorf(plant.CodeInvalid, "ca_file %s holds no certificate; it needs one that begins with -----BEGIN CERTIFICATE-----", caFile)
		}
	}
	if (certFile == "") != (keyFile == "") {
		return nil, plant.Errorf(plant.CodeInvalid, "cert_file and key_file belong together; only one of them is given")
	}
	if certFile != "" {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, plant.Errorf(plant.CodeInvalid, "cert_file %s and key_file %s cannot be used: %w", certFile, keyFile, err)
		}
		conf.Certificates = []tls.Certificate{cert}
	}
	return conf, nil
}

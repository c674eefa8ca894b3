package mqtt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// Reasons of our own for giving up a connection.
var (
	errInboxFull  = errors.New("the collector has no room: the broker keeps the messages and sends them again")
	errWindowFull = errors.New("the broker sent more un-acknowledged messages than may be held; it sends them again")
	errNoFilter   = errors.New("the broker refused every subscription")
	errNoAnswer   = errors.New("the broker did not answer in time")
	errStopped    = errors.New("stopped")
)

// mend says what a person can do about err; hasUser: whether the server's
// configuration names a user.
func mend(err error, hasUser bool) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		remote    *net.OpError
		dns       *net.DNSError
	)
	refused := errors.Is(err, packets.ErrorRefusedNotAuthorised) || errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword)
	switch {
	case refused && hasUser:
		return "check user and password_file of this server, and that the broker knows the user"
	case refused:
		return "the broker wants a login: give this server a user and a password_file"
	case errors.Is(err, packets.ErrorRefusedIDRejected):
		return "the broker does not accept our client id; check its rules for client ids"
	case errors.Is(err, packets.ErrorRefusedBadProtocolVersion):
		return "the broker does not speak MQTT 3.1.1; turn it on there"
	case errors.Is(err, packets.ErrorRefusedServerUnavailable):
		return "the broker is up but not ready; see its log"
	case errors.Is(err, errNoFilter):
		return "check the broker's ACL: the user must be allowed to subscribe to the sources' topics (on the embedded broker: no white space in topics)"
	case errors.As(err, &authority):
		return "name the authority that signed the broker's certificate as ca_file"
	case errors.As(err, &host):
		return "write the server's url with a name that its certificate holds"
	case errors.As(err, &invalid):
		return "the broker's certificate is not valid now; renew it, and check both clocks"
	case errors.As(err, &record):
		return "the broker does not speak TLS on this port; use its TLS port, or tcp://"
	case errors.As(err, &remote) && remote.Op == "remote error": // an alert of TLS
		return "the broker broke off TLS; if it asks for client certificates, give cert_file and key_file"
	case errors.As(err, &dns):
		return "the server's name cannot be resolved; check its url"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there; check that the broker runs, and its port"
	case errors.Is(err, errInboxFull), errors.Is(err, errWindowFull):
		return "see what the collector says about its queue"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errNoAnswer), isTimeout(err):
		return "the broker does not answer; check the network and firewalls between"
	case closedByBroker(err):
		return "the broker closed the connection; see its log (another client with the same client id makes it do so, and so does a TLS port spoken to without TLS)"
	}
	return "see the broker's log"
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func closedByBroker(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

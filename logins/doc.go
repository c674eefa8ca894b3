// Package logins says who may publish what: the file of the gateways' logins,
// and the topics that each login is allowed, for the embedded broker and as an
// access control list for Mosquitto.
package logins

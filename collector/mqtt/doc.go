// Package mqtt takes messages from MQTT 3.1.1 brokers, all connected at once,
// hands them to a collector.Inbox, and acknowledges each to its broker, in the
// order of receipt, once the collector says that it is safe. It also keeps
// the retained status topics up to date on every broker.
//
// See DESIGN.md beside this file for what it promises and what it does not.
package mqtt

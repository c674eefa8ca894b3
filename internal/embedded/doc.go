// Package embedded runs the real engines Heartline stands on when the user
// names none of his own: nats-server inside our process (JetStream and an MQTT
// broker) and influxd beside us, as a child that never outlives us.
//
// It starts, watches, restarts and stops them; it knows nothing about samples.
// See DESIGN.md beside this file.
package embedded

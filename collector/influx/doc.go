// Package influx brings the queue's frames and the rules' results to
// InfluxDB, exactly once as far as anyone who queries can tell.
//
// It writes through influxdb-client-go's HTTP service to /api/v2/write, which
// InfluxDB 1.8, 2.x and 3 all answer; nothing here depends on which of them it
// is. What was taken from the queue is acknowledged there only once every
// line of it is stored or kept as a dead letter. See DESIGN.md beside this
// file.
package influx

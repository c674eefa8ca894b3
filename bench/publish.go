package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

const (
	perPlant = 50 // machines
	// unacked is how many messages each publisher has under way.
	unacked = 200
	// probeEvery is the time between two probes: messages of a machine of
	// their own, whose way is timed.
	probeEvery = 50 * time.Millisecond
	probe      = "probe"
)

// topic is where a machine publishes.
func topic(machine int) string {
	return fmt.Sprintf("factory/plant-%03d/line-1/m%04d/heartbeat", machine/perPlant, machine)
}

const probeTopic = "factory/plant-000/line-1/" + probe + "/heartbeat"

// payload is a message of about 140 bytes with 7 fields.
func payload(dst []byte, at time.Time, seq int) []byte {
	dst = strconv.AppendInt(append(dst, `{"ts":`...), at.UnixMilli(), 10)
	dst = strconv.AppendInt(append(dst, `,"seq":`...), int64(seq), 10)
	dst = append(dst, `,"state":"running","good":`...)
	dst = strconv.AppendInt(dst, int64(1_000_000+seq), 10)
	dst = append(dst, `,"scrap":12,"temperature":61.5,"spindle_speed":1200.25,"order":"2026-0815-4711"`...)
	return append(dst, '}')
}

// load is what was published.
type load struct {
	began time.Time
	took  time.Duration // until the broker had acknowledged everything
}

// publish publishes n messages, two of each machine in a row, rate a second
// (0: as fast as they are acknowledged), with QoS 1.
func publish(ctx context.Context, broker string, o options, n int, rate float64) (load, error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, o.publishers)
	l := load{began: time.Now()}
	for i := range o.publishers {
		wg.Go(func() { errs[i] = publisher(ctx, broker, o, &next, n, rate, l.began, i) })
	}
	wg.Wait()
	l.took = time.Since(l.began)
	for _, err := range errs {
		if err != nil {
			return l, err
		}
	}
	return l, ctx.Err()
}

func publisher(ctx context.Context, broker string, o options, next *atomic.Int64, n int, rate float64, began time.Time, id int) error {
	client, err := connect(broker, fmt.Sprintf("bench-publisher-%d", id))
	if err != nil {
		return err
	}
	defer client.Disconnect(250)
	var flying []paho.Token
	for ctx.Err() == nil {
		i := int(next.Add(1)) - 1
		if i >= n {
			break
		}
		if rate > 0 {
			time.Sleep(time.Until(began.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		}
		machine := i / 2 % o.machines
		flying = append(flying, client.Publish(topic(machine), 1, false, payload(nil, time.Now(), i/2/o.machines*2+i%2)))
		if len(flying) == unacked {
			if err := acknowledged(flying[0]); err != nil {
				return err
			}
			flying = flying[1:]
		}
	}
	for _, token := range flying {
		if err := acknowledged(token); err != nil {
			return err
		}
	}
	return nil
}

func acknowledged(token paho.Token) error {
	if !token.WaitTimeout(patience) {
		return fmt.Errorf("the broker does not acknowledge within %s", patience)
	}
	return token.Error()
}

func connect(broker, id string) (paho.Client, error) {
	options := paho.NewClientOptions().AddBroker(broker).SetClientID(id).SetAutoReconnect(false).SetOrderMatters(true)
	client := paho.NewClient(options)
	token := client.Connect()
	if !token.WaitTimeout(patience) {
		return nil, fmt.Errorf("%s does not answer", broker)
	}
	return client, token.Error()
}

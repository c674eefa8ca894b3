package decode

// setNamed gives p the value that the topic's level {field} names.
func (d *Decoder) setNamed(p *part, v value) {
	name := d.m.Levels.Field
	if name == "" {
		d.refuse(p, reasonTopic, v, "nothing in the topic %q says what the value is called; give the source a level {field}", shorten(d.m.Topic))
		return
	}
	d.named = append(d.named[:0], name...)
	if m := d.layout.find(d.named); m.role != roleValue {
		p.value = m
		d.set(p, m, v)
		return
	}
	d.refuse(p, reasonTopic, v, "the topic calls the value %q, as profile %q calls its place", shorten(name), d.layout.name)
}

// disown gives the value of p, which has bad quality and which the topic
// names, a name of its own, so that a query of the name finds good ones only.
// Where it is neither a counter nor the state, its quality is its own affair.
func (d *Decoder) disown(p *part) {
	if p.value.role != roleField && p.value.role != roleCounter {
		return
	}
	d.named = append(append(d.named[:0], d.m.Levels.Field...), "_bad"...)
	m := d.layout.find(d.named)
	for i := p.first; i < len(d.fields); i++ {
		if f := &d.fields[i]; f.Name == p.value.name && m.wrong == "" {
			f.Name = m.name
		}
	}
	p.bad = p.value.role == roleCounter
}

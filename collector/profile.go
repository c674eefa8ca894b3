package collector

// Profile says how to read the messages of one kind of gateway. It is data: a
// user writes one for a gateway that nobody here has met.
type Profile struct {
	Name   string `yaml:"name"`
	Format string `yaml:"format"` // json | line-protocol
}

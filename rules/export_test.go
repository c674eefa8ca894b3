package rules

// InPieces has a snapshot come in pieces of about that many bytes.
func (v *Saving) InPieces(size int) { v.size = size }

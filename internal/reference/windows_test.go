package reference

// window is half open: (from, to].
type window struct {
	from, to int64
	days     float64 // production days
}

func (w window) length() int64 { return w.to - w.from }

// windows are those of the production days from the first that begins at or
// after from, up to to. Of several days each ends on a day whose number since
// 1970 they divide.
func (d *days) windows(length span, from, to int64) (out []window) {
	begin := int64(0)
	for date := d.day(from).AddDate(0, 0, -max(length.Days, 1)); ; date = date.AddDate(0, 0, 1) {
		opens, closes := d.opening(date), d.opening(date.AddDate(0, 0, 1))
		if opens >= to {
			return out
		}
		if length.Days > 0 {
			number := date.Unix() / (24 * 60 * 60)
			if number%int64(length.Days) == 0 {
				begin = opens
			}
			if (number+1)%int64(length.Days) == 0 && begin >= from {
				out = append(out, window{begin, closes, float64(length.Days)})
			}
			continue
		}
		for at := opens; at < closes; at += length.Fixed {
			if w := (window{from: at, to: min(at+length.Fixed, closes)}); at >= from {
				w.days = float64(w.length()) / float64(closes-opens)
				out = append(out, w)
			}
		}
	}
}

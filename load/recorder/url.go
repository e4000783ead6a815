package recorder

// MaxURLs is how many targets have results of their own; those beyond share one.
const MaxURLs = 1000

// url is what the requests for one target brought.
type url struct {
	failed  int64
	classes [6]int64 // answers by the first digit of their status
	service Times
}

func newURL() *url { return &url{service: newTimes(coarse)} }

func (u *url) add(s *Sample) {
	if s.Failure != "" {
		u.failed++
	} else {
		u.classes[min(s.Status/100, 5)]++
	}
	u.service.Add(s.End - s.Sent)
}

func (u *url) merge(o *url) {
	u.failed += o.failed
	for i, n := range o.classes {
		u.classes[i] += n
	}
	u.service.Merge(&o.service)
}

// URL is the result of one target.
type URL struct {
	Target  int // -1: all targets beyond MaxURLs together
	Count   int64
	Failed  int64
	Classes [6]int64 // whole answers by the first digit of their status
	Service *Times   // from the real send
}

package frontier

import (
	"context"
	"iter"
	"time"

	"tandem/crawler/weburl"
	"tandem/internal/units"
)

// Frontier is what a crawler needs to know of a frontier. [Open] gives the one that lives on one machine. All methods are safe for
// concurrent use.
type Frontier interface {
	// Add makes the links that are not known pending and returns how many those were. It never waits for callers of Next.
	Add(links []Link) (added int, err error)
	// Next waits for an item whose host may be asked now. The caller owes the item a Done or a Retry. It returns io.EOF once nothing
	// is pending and nothing is in flight, ErrDrained after Drain, the context's cause when ctx ends first.
	Next(ctx context.Context) (Item, error)
	// Via is the page that an item of Next was found on, "" if there is none. Next leaves Link.Via empty for what was found on a page,
	// since it takes a read of its own that most callers can do without.
	Via(item Item) (string, error)
	// Done records the outcome of an item, together with its links, in one batch; links not known yet become pending. It also takes an
	// item that Next never gave out, for a page that the archive holds and the frontier lost in a crash. ErrNotPending is returned for
	// an item that is done already.
	Done(item Item, out Outcome) (added int, err error)
	// Retry puts an item that Next gave out back to its host, to be handed out as the next attempt no sooner than notBefore. Nothing is
	// written: after a crash the item is simply pending.
	Retry(item Item, notBefore time.Time) error
	// Release says that the exchange of an item is over, so that its host may be asked for another one. The item stays outstanding: the
	// caller still owes Done or Retry.
	Release(item Item)
	// PutBack gives an item back that Next gave out and nobody asked for: its host's turn is used, its attempt is not.
	PutBack(item Item) error
	// Drain makes Next return ErrDrained from now on, or io.EOF if nothing is left. Items in flight may still be finished.
	Drain()
	// Sync returns when everything that was recorded before the call survives a power cut.
	Sync() error
	// Close stops Next, waits for calls under way and closes the store. The frontier cannot be used afterwards.
	Close() error

	// SetHostRate gives one host its own rate (robots.txt's crawl-delay); 0 is no limit. It holds until Close. A host is what
	// weburl.URL.Authority returns: a name, with the port where that is not the default. Servers on other ports are others.
	SetHostRate(host string, r units.Rate)
	// Pause keeps a host from being asked before until (Retry-After). An earlier time than one already set changes nothing.
	Pause(host string, until time.Time)
	// SetGap spaces the items of one host by at least gap, one at a time, beside its rate; 0 ends that. It holds until Close.
	SetGap(host string, gap time.Duration)
	// SetAddress says that host is reached at addr. Hosts of one address share Config.AddressRate and Config.AddressConcurrency. A
	// later call moves the host.
	SetAddress(host, addr string)

	// Counts is a consistent snapshot.
	Counts() Counts
	// Hosts is how many hosts the known URLs have.
	Hosts() int
	// Waits sums the time that callers of Next spent waiting, by reason: WaitLimiter, WaitRetry, WaitConcurrency, WaitEmpty.
	Waits() map[string]time.Duration
	// Known reports whether the frontier has seen u.
	Known(u weburl.URL) bool
	// State tells all there is to know about u; ok is false if u is not known.
	State(u weburl.URL) (info Info, ok bool, err error)
	// Inlinks yields every known URL with the number of pages that link to it, in no useful order.
	Inlinks() iter.Seq2[Inlink, error]
	// Items yields what is recorded by Outcome.Items, page by page in no useful order. The bytes are good until the next one.
	Items() iter.Seq2[[]byte, error]

	// Marked reports whether the frontier believes that a record of this crawl lies at offset of segment.
	Marked(segment string, offset int64) (bool, error)
	// DoneMarks yields the marks of one segment by offset, or those of all segments if segment is "".
	DoneMarks(segment string) iter.Seq2[Mark, error]
	// Reconcile takes back every mark in openSegment at or beyond cut, and every mark in another segment that has denies: the outcome
	// given there is dropped and its URL is pending again. It returns the marks of this run's outcomes taken back, so that the crawler
	// can take them out of its Counters. Call it before Next.
	Reconcile(openSegment string, cut int64, has func(segment string) bool) ([]Mark, error)
	// NewRun starts a crawl of the same URLs over: all of them become pending, each with what is stored of it as Prior. It is one small
	// durable write. Nothing may be in flight.
	NewRun() error

	// Meta reads a string that SetMeta stored; "" if there is none.
	Meta(key string) (string, error)
	// SetMeta stores a small string and returns when it is durable.
	SetMeta(key, value string) error
	// Note stores a small string in turn with the outcomes: after a crash it is there if a later one is, and after the next Sync.
	Note(key, value string) error
	// Counters is the last snapshot that an Outcome carried; nil if none did.
	Counters() ([]byte, error)
}

// Link is a URL as it was found, with what the page said about it. The first finder of a URL decides what is kept.
type Link struct {
	URL       weburl.URL
	Via       string            // the page it was found on; "" for a seed
	Depth     int               // links from the nearest seed
	Requisite bool              // needed to show its page: image, style sheet, script
	Seed      bool              // named by the user
	Redirects int               // redirects followed so far
	Alt       string            // alternative text of an image
	Columns   map[string]string // what a list kept beside it
	Sitemap   Sitemap           // fetched to read URLs out of it
}

// Sitemap says whether a URL is fetched as a list of others, and who named it.
type Sitemap uint8

// The values of Link.Sitemap.
const (
	NoSitemap      Sitemap = iota
	GuessedSitemap         // nobody: it is where sitemaps are by convention
	NamedSitemap           // robots.txt
	ListedSitemap          // a sitemap index
)

// Item is a link that it is time to fetch.
type Item struct {
	Link
	Attempt int    // 1 for the first; starts over after a restart
	Prior   *Prior // what an earlier run stored of it; nil if none did
	// Placed says that the frontier knows the address of the item's host; see SetAddress.
	Placed bool

	id  uint32 // plus 1; 0 if Next did not give it out
	via uint32 // plus 1; the id of the page that it was found on
}

// Prior says where a payload is stored already.
type Prior struct {
	URL                string // of that record
	ETag, LastModified string
	Digest             string // "sha256:" and lower-case hex
	Segment            string // file name
	Offset, Length     int64  // of the record in Segment, in bytes
	RecordID           string
	Date               time.Time // zero if unknown; kept in UTC
}

// Outcome is how the fetch of an item ended.
type Outcome struct {
	State    State
	Status   int    // HTTP; 0 if there was no answer
	Reason   string // why it failed or was skipped
	Segment  string // file name of the record; "" if none was stored
	Offset   int64  // of the record in Segment, in bytes
	Length   int64
	RecordID string
	Digest   string // of the payload; "" if none was stored

	ETag, LastModified string
	Date               time.Time
	Page               bool // counts as a page in the crawler's books

	// Revisit says that the record repeats the payload that the item's Prior speaks of, which therefore stays the one for later runs.
	Revisit bool

	// Links are those found on the page, duplicates welcome. They replace the ones recorded for it before; nil leaves those alone (an
	// unchanged page, a failure).
	Links []Link
	// Items is what the crawler took out of the page, in its own form. It replaces what is recorded for the page; nil leaves that
	// alone, an empty one drops it.
	Items []byte
	// Counters, if not nil, replaces the crawler's snapshot of its totals in the same batch.
	Counters []byte
}

// Counts is how far a crawl is. Known = Pending + InFlight + Done + Spent.
type Counts struct {
	Known    int64 // URLs
	Pending  int64 // waiting for their turn
	InFlight int64 // given out by Next, neither Done nor Retry yet
	Done     int64 // in this run
	Spent    int64 // left out: their hosts have had the pages that Config.HostPages grants
}

// Info is what the frontier knows about one URL.
type Info struct {
	Link
	State   State // Pending, or how it ended in this run
	Outcome Outcome
	Prior   *Prior
}

// Inlink is a URL and how many known pages link to it.
type Inlink struct {
	URL       string
	Inlinks   int64 // pages; a page that links twice counts once
	State     State // in this run
	Status    int   // HTTP; 0 if there was no answer
	Reason    string
	Requisite bool
}

// Mark ties a record of the archive to its URL.
type Mark struct {
	Segment string
	Offset  int64
	id      uint32
	// The following are only filled in by Reconcile.
	URL    string
	State  State
	Status int
	Length int64
	Page   bool
	// Sitemap is that of the URL's Link.
	Sitemap Sitemap
}

// State is the condition of a URL.
type State uint8

// The states of a URL. Pending is not an Outcome.
const (
	Pending State = iota // not done in this run
	Stored               // fetched and in the archive
	Failed               // given up
	Skipped              // not fetched: robots.txt, a budget, scope
)

// String is the lower-case name.
func (s State) String() string {
	switch s {
	case Pending:
		return "pending"
	case Stored:
		return "stored"
	case Failed:
		return "failed"
	case Skipped:
		return "skipped"
	}
	return "unknown"
}

// Why callers of Next wait: keys of Waits.
const (
	WaitLimiter     = "limiter"          // there is work, but the rate limiters of its hosts do not allow it yet
	WaitRetry       = "retry"            // there is work, but it waits for its next try, or its host asked for a pause
	WaitConcurrency = "host_concurrency" // there is work, but its hosts are busy
	WaitEmpty       = "empty"            // nothing is pending; pages in flight may bring more
)

package crawler

import (
	"errors"
	"fmt"
	"path/filepath"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/store/fsx"
)

// ErrNoRun is returned by NewExplainer when the directory that it should look
// into holds no crawl.
var ErrNoRun = errors.New("there is no crawl in it")

// ErrUnreadable is returned by NewExplainer when the crawl in the directory
// cannot be read.
var ErrUnreadable = errors.New("the crawl in it cannot be read")

// pastRun is a run that is looked at.
type pastRun struct {
	view     *frontier.View // nil while the run is in use
	holder   string
	id       string
	finished bool
}

// openPastRun looks into the run in dir without disturbing it: a run in use is
// left alone, and one that starts meanwhile does not notice.
func openPastRun(fsys fsx.FS, dir string) (*pastRun, error) {
	there, err := exists(fsys, filepath.Join(dir, frontierDir))
	if err == nil && !there {
		err = ErrNoRun
	}
	if err != nil {
		return nil, fmt.Errorf("look into run directory %q: %w", dir, err)
	}
	p := &pastRun{}
	held, holder, err := fsx.Locked(filepath.Join(dir, lockFile))
	if held {
		p.holder = holder
		return p, nil
	}
	if err == nil {
		err = p.open(fsys, filepath.Join(dir, frontierDir))
	}
	if err != nil {
		return nil, fmt.Errorf("look into run directory %q: %w: %w", dir, ErrUnreadable, err)
	}
	return p, nil
}

func (p *pastRun) open(fsys fsx.FS, dir string) (err error) {
	if p.view, err = frontier.OpenView(fsys, dir); err != nil {
		return err
	}
	if p.id, err = p.view.Meta(metaRun); err == nil {
		var finished string
		finished, err = p.view.Meta(metaFinished)
		p.finished = finished != ""
	}
	if err != nil {
		return errors.Join(err, p.close())
	}
	return nil
}

func (p *pastRun) close() error {
	if p == nil || p.view == nil {
		return nil
	}
	return p.view.Close()
}

// knows reports whether the run has met a URL under exactly this name.
func (p *pastRun) knows(u weburl.URL) bool {
	if p == nil || p.view == nil {
		return false
	}
	_, known, err := p.view.State(u)
	return known && err == nil
}

// seen looks the URL up in the run, for the other checks too.
func (e *Explainer) seen(s *subject) Check {
	switch {
	case e.run == nil:
		return unasked(checkSeen, "not looked up: no run directory is named (-o)")
	case e.run.view == nil:
		return unasked(checkSeen, fmt.Sprintf("not looked up: %s is in use by %s", e.cfg.Dir, e.run.holder))
	case s.none() != "":
		return unasked(checkSeen, s.none())
	}
	info, known, err := e.run.view.State(s.URL)
	if err != nil {
		return unasked(checkSeen, fmt.Sprintf("not looked up: %v", err))
	}
	about := &SeenCheck{Run: e.run.id, Finished: e.run.finished, Known: known}
	if !known {
		check := passed(checkSeen, fmt.Sprintf("run %s has not met it", e.run.id))
		check.SeenCheck = about
		return check
	}
	s.known = &info
	about.take(&info)
	check := passed(checkSeen, about.because(&info))
	check.OK, check.SeenCheck = info.State == frontier.Pending || e.run.finished, about
	return check
}

// take copies what is known.
func (c *SeenCheck) take(info *frontier.Info) {
	c.State, c.Via, c.Depth = info.State.String(), info.Via, info.Depth
	if info.State == frontier.Pending {
		return
	}
	c.Status, c.Class = info.Outcome.Status, info.Outcome.Reason
	c.Segment, c.Offset = info.Outcome.Segment, info.Outcome.Offset
}

// because tells what became of the URL, and what the next start does about it.
func (c *SeenCheck) because(info *frontier.Info) string {
	from := fmt.Sprintf("found on %s at depth %d", c.Via, c.Depth)
	switch {
	case info.Seed && c.Via == "":
		from = "a seed"
	case c.Via == "":
		from = "looked for unasked"
	}
	var what string
	switch info.State {
	case frontier.Pending:
		return fmt.Sprintf("%s, it waits for its turn in run %s", from, c.Run)
	case frontier.Stored:
		what = fmt.Sprintf("stored with status %d in %s at %d", c.Status, c.Segment, c.Offset)
	case frontier.Failed:
		what = fmt.Sprintf("given up: %s", c.Class)
	case frontier.Skipped:
		what = fmt.Sprintf("skipped: %s", c.Class)
	}
	if c.Finished {
		return fmt.Sprintf("%s, %s by run %s, which is finished: the next start asks again", from, what, c.Run)
	}
	return fmt.Sprintf("%s, %s by run %s, which is not finished: its next start does not ask again", from, what, c.Run)
}

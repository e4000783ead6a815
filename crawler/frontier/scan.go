package frontier

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// scan calls use with every pair from start to end, whose bytes are only good during the call. errStopScan ends it early without error.
func (d *Durable) scan(start, end []byte, use func(key, value []byte) error) (err error) {
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: start, UpperBound: end})
	if err != nil {
		return err
	}
	defer func() { // also when the body of a range over it panics
		if cerr := it.Close(); err == nil {
			err = cerr
		}
	}()
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err == nil {
			err = use(it.Key(), value)
		}
		if errors.Is(err, errStopScan) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return it.Error()
}

// eachURL calls use with every known URL in the order of discovery: its record and its result, which is nil if there is none. The bytes
// are only good during the call. errStopScan ends it early without error.
func (d *Durable) eachURL(use func(id uint32, rec, res []byte) error) (err error) {
	results, err := d.db.NewIter(&pebble.IterOptions{LowerBound: spaceStart(resultSpace), UpperBound: spaceEnd(resultSpace)})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := results.Close(); err == nil {
			err = cerr
		}
	}()
	more := results.First()
	err = d.scan(spaceStart(urlSpace), spaceEnd(urlSpace), func(key, rec []byte) error {
		id, err := splitID(key)
		if err != nil {
			return err
		}
		var res []byte
		for more {
			of, err := splitID(results.Key())
			if err != nil {
				return err
			}
			if of > id {
				break
			}
			if of == id {
				if res, err = results.ValueAndErr(); err != nil {
					return err
				}
				break
			}
			more = results.Next()
		}
		return use(id, rec, res)
	})
	return errors.Join(err, results.Error())
}

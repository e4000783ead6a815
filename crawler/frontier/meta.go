package frontier

import (
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"
)

// Meta implements [Frontier].
func (d *Durable) Meta(key string) (string, error) {
	if err := checkMeta(key); err != nil {
		return "", err
	}
	value, err := d.meta(key)
	return string(value), err
}

// SetMeta implements [Frontier].
func (d *Durable) SetMeta(key, value string) error {
	if err := checkMeta(key); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return d.wrap("set "+key, err)
	}
	defer d.leave()
	return d.wrap("set "+key, d.setSync(metaKey(key), []byte(value)))
}

// Note implements [Frontier].
func (d *Durable) Note(key, value string) error {
	if err := checkMeta(key); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return d.wrap("note "+key, err)
	}
	defer d.leave()
	if err := d.db.Set(metaKey(key), []byte(value), pebble.NoSync); err != nil {
		d.fail(err)
	}
	return d.wrap("note "+key, d.failure())
}

// setSync writes one pair and waits for the disk.
func (d *Durable) setSync(key, value []byte) error {
	if err := d.db.Set(key, value, pebble.Sync); err != nil {
		d.fail(err)
	}
	return d.failure()
}

// Counters implements [Frontier].
func (d *Durable) Counters() ([]byte, error) { return d.meta(metaCounters) }

func (d *Durable) meta(key string) ([]byte, error) {
	if err := d.enter(); err != nil {
		return nil, d.wrap("read "+key, err)
	}
	defer d.leave()
	value, err := d.get(metaKey(key))
	return value, d.wrap("read "+key, err)
}

// checkMeta keeps callers out of the frontier's own names.
func checkMeta(key string) error {
	if key == "" || strings.HasPrefix(key, "\x00") {
		return fmt.Errorf("frontier string %q: no such name", key)
	}
	return nil
}

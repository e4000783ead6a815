package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// OverlayFlags sets every flag that the user changed in one set to the same value in the other, if it is there: the way
// in which flags win over a job file. The caller declares the same flags twice: for the command line, and on the structs
// that the file has filled. A list flag replaces the file's list.
func OverlayFlags(changed, onto *pflag.FlagSet) error {
	var errs []error
	changed.Visit(func(from *pflag.Flag) {
		to := onto.Lookup(from.Name)
		if to == nil {
			return
		}
		if err := overlay(from.Value, to.Value); err != nil {
			errs = append(errs, fmt.Errorf("flag --%s: %w", from.Name, err))
			return
		}
		to.Changed = true
	})
	return errors.Join(errs...)
}

func overlay(from, to pflag.Value) error {
	list, fromList := from.(pflag.SliceValue)
	target, toList := to.(pflag.SliceValue)
	if fromList && toList {
		return target.Replace(list.GetSlice())
	}
	return to.Set(from.String())
}

package units

// KeyError says which key of a job's section an error is about, so that a program that knows where the key was given (a line of
// a job file, a flag) can tell it. Its text is that of Err.
type KeyError struct {
	// Key is the path below the section: "contact", "seeds[2]", "origins[0].password".
	Key string
	Err error
}

// AtKey wraps err; it returns nil for nil.
func AtKey(key string, err error) error {
	if err == nil {
		return nil
	}
	return &KeyError{Key: key, Err: err}
}

// Error is the text of Err.
func (e *KeyError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *KeyError) Unwrap() error { return e.Err }

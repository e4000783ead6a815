// Package lesson is the frame of the programs in examples: it reads a lesson's header out of its own source, prints the
// question before the run and the answer after it.
//
// A header is the doc comment of a lesson's package main. Its first line is "Lesson NN: title." and its sections are
//
//	# Question        text, then the possible answers, indented: a) … b) …
//	# Answer          "b. …" and why; then each wrong answer, indented, with the reason why it is wrong
//	# Common mistake  what people do instead
//	# Python          the same in at most fifteen lines, indented, complete: it runs as it stands
//	# In production   lines "path: name", indented: files of Tandem that use the idea, and a name that stands in them
//
// so that go doc shows the whole lesson, and a test can hold every lesson to it.
//
// # Ownership
//
// The package keeps nothing: Parse takes a string and returns a value, Run reads the program's standard input only when
// a person sits at it.
//
// # Failure
//
// Parse says what a header lacks. Run returns 1 when the lesson's own checks fail: a lesson whose surprise does not
// happen is broken.
//
// # Cost
//
// One pass over one comment.
package lesson

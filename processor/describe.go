package processor

import "reflect"

// TaskInfo describes a task for people.
type TaskInfo struct {
	Name    string
	Version int
	// Takes says which media types.
	Takes string
	// Options are the flags that its results depend on.
	Options []string
	// Columns are those of its table, in their order.
	Columns []string
}

// Describe lists the tasks.
func Describe() []TaskInfo {
	return []TaskInfo{
		{TextTask, textVersion, "HTML, XHTML, Markdown, plain text", nil, columnsOf(reflect.TypeFor[Document]())},
		{ImagesTask, imagesVersion, "PNG, JPEG, GIF, WebP, BMP, TIFF, ICO", []string{"max-pixels", "worker-memory", "thumbnail-sizes"},
			columnsOf(reflect.TypeFor[Image]())},
	}
}

// columnsOf lists a row's columns by their JSON names, which are those of the
// Parquet file.
func columnsOf(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			names = append(names, columnsOf(f.Type)...)
			continue
		}
		names = append(names, f.Tag.Get("json"))
	}
	return names
}

package store

import "C"

import _ "broken/store/warc"

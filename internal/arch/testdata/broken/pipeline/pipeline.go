package pipeline

import (
	_ "net/http/httptest"

	_ "broken/configs"
	_ "golang.org/x/time/rate"
)

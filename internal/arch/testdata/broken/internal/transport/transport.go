package transport

import _ "net/http"

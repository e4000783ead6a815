package site

import _ "broken/internal/transport"

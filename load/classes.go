package load

import (
	"tandem/internal/transport"
	"tandem/load/engine"
)

// classes are the names under which Result.Errors counts.
var classes = []string{
	transport.ClassBadRequest, transport.ClassDNS, transport.ClassPrivateAddress, transport.ClassRefused, transport.ClassUnreachable,
	transport.ClassTimeout, transport.ClassReset, transport.ClassClosed, transport.ClassTLS, transport.ClassProxy, transport.ClassMalformed,
	transport.ClassUnasked, transport.ClassLargeHeader, transport.ClassCancelled, transport.ClassResources, transport.ClassOther,
	transport.TruncatedDisconnect, transport.TruncatedLength, engine.ClassCheck, engine.ErrGrace.Error(),
}

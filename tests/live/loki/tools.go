//go:build tools

// Package live names the server that is built for the tests.
package live

import _ "github.com/grafana/loki/v3/cmd/loki"

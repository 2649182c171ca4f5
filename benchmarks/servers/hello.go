// The lookup by Go's net/http: hello SOCKET
package main

import (
	"net"
	"net/http"
	"os"
	"strings"
)

const prefix = "/1.0/config/"

var values = map[string]string{"user.role": "web"}

func main() {
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		panic(err)
	}
	http.HandleFunc(prefix, func(w http.ResponseWriter, r *http.Request) {
		value, found := values[strings.TrimPrefix(r.URL.Path, prefix)]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write([]byte(value))
	})
	panic(http.Serve(listener, nil))
}

#!/bin/sh
# Makes the certificates of the transport's tests: a root, a server, a client, and a client of another root.
# They are good for nothing else. Run it in this folder; it needs openssl.
set -eu
DAYS=36500

root() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $DAYS -sha256 \
        -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
}

signed() { # name, root, subject alternative name, extended key usage
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=%s\nbasicConstraints=CA:FALSE\n' "$3" "$4" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days $DAYS -sha256 \
        -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    rm "$1.csr" "$1.ext"
}

root root
root other-root
signed server root "DNS:localhost,IP:127.0.0.1" serverAuth
signed client root "DNS:client" clientAuth
signed stranger other-root "DNS:stranger" clientAuth
rm -f root.key other-root.key other-root.pem ./*.srl

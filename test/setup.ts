// Verdicts must not depend on trust anchors that happen to be configured on the machine that runs the tests.
for (const name of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "AWS_PROFILE"]) {
  delete process.env[name];
}

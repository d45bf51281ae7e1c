"""A real nginx, from Debian: TLS, with a certificate asked of each client, in front of another server or as a store of
request bodies."""

import os

import server
from server import Server

CONFIGURATION = """
daemon off;
worker_processes 2;
error_log stderr warn;
pid nginx.pid;
events {{}}
http {{
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  client_body_temp_path {directory}/bodies;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/f;
  uwsgi_temp_path {directory}/u;
  scgi_temp_path {directory}/s;
  server {{
    listen 127.0.0.1:{port}{ssl};
    {tls}
    location / {{
      {what}
    }}
  }}
  server {{
    listen unix:{directory}/taken;
    return 204;
  }}
}}
"""
TLS = """
    ssl_certificate {authority}/server.pem;
    ssl_certificate_key {authority}/server.key;
    ssl_client_certificate {authority}/ca.pem;
    ssl_verify_client on;
"""
# The body is in its file before the answer is on its way.
STORE = """
      client_body_in_file_only on;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_pass http://unix:{directory}/taken;
"""


def make_certificates(directory):
    """An authority, a certificate for 127.0.0.1 and one for a client, as NAME.pem with NAME.key."""
    def openssl(*arguments):
        server.command("openssl", *arguments, cwd=directory)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout")
    openssl("req", "-x509", *key, "ca.key", "-out", "ca.pem", "-subj", "/CN=tests", "-days", "2")
    for name in ("server", "client"):
        with open(os.path.join(directory, name + ".ext"), "w", encoding="utf-8") as file:
            file.write("subjectAltName=IP:127.0.0.1\n")
        openssl("req", *key, name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", name + ".ext", "-out", name + ".pem")


class Nginx(Server):
    """In front of the server at port `target`, or, without one, a store. `tls`: with certificates."""

    def __init__(self, target=None, tls=True):
        super().__init__()
        self.tls = tls
        os.mkdir(os.path.join(self.directory, "bodies"))
        if tls:
            make_certificates(self.directory)
        what = f"proxy_pass http://127.0.0.1:{target};" if target else STORE.format(directory=self.directory)
        with open(os.path.join(self.directory, "nginx.conf"), "w", encoding="utf-8") as file:
            if os.geteuid() == 0:
                file.write("user root;\n")
            file.write(CONFIGURATION.format(directory=self.directory, port=self.port, what=what, ssl=" ssl" if tls else "",
                                            tls=TLS.format(authority=self.directory) if tls else ""))

    def arguments(self):
        # A crash leaves its socket behind.
        if os.path.exists(os.path.join(self.directory, "taken")):
            os.remove(os.path.join(self.directory, "taken"))
        return ["nginx", "-p", self.directory, "-c", os.path.join(self.directory, "nginx.conf"), "-e", "stderr"]

    def is_ready(self):
        with server.socket.create_connection(("127.0.0.1", self.port)):
            pass

    def url(self, path=""):
        return super().url(path).replace("http:", "https:") if self.tls else super().url(path)

    def certificates(self, client=True):
        """What a sink's URL needs for this server, as parameters."""
        files = {"ca_file": "ca.pem"}
        if client:
            files.update(cert_file="client.pem", key_file="client.key")
        return "&".join(f"{key}={os.path.join(self.directory, name)}" for key, name in files.items())

    def bodies(self):
        """The requests' bodies. One that does not end in a newline is that of a request that was cut off."""
        found = []
        for path, _, names in os.walk(os.path.join(self.directory, "bodies")):
            for name in names:
                with open(os.path.join(path, name), "rb") as file:
                    body = file.read()
                if body.endswith(b"\n"):
                    found.append(body.decode())
        return found


if __name__ == "__main__":
    server.main(Nginx)

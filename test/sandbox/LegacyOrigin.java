import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * TLS servers on loopback for versions and suites that no current OpenSSL speaks.
 * Arguments: key algorithm, key file (PKCS #8, DER), certificate file (PEM, leaf first), then for each server
 * VERSION=SUITE. Prints one port a line, and ends with its standard input.
 */
public final class LegacyOrigin {
  public static void main(String[] args) throws Exception {
    SSLContext context = context(args[0], Files.readAllBytes(Path.of(args[1])), Files.readAllBytes(Path.of(args[2])));
    for (int i = 3; i < args.length; i++) {
      String[] versionAndSuite = args[i].split("=");
      SSLServerSocket server =
          (SSLServerSocket)
              context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
      server.setEnabledProtocols(new String[] {versionAndSuite[0]});
      server.setEnabledCipherSuites(new String[] {versionAndSuite[1]});
      serve(server);
      System.out.println(server.getLocalPort());
    }
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  private static SSLContext context(String algorithm, byte[] key, byte[] certificates) throws Exception {
    PrivateKey privateKey = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key));
    Certificate[] chain =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(certificates))
            .toArray(new Certificate[0]);
    char[] password = new char[0];
    KeyStore store = KeyStore.getInstance("JKS");
    store.load(null, password);
    store.setKeyEntry("origin", privateKey, password, chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static void serve(SSLServerSocket server) {
    Thread acceptor =
        new Thread(
            () -> {
              while (true) {
                try {
                  SSLSocket socket = (SSLSocket) server.accept();
                  new Thread(() -> shake(socket)).start();
                } catch (Exception ended) {
                  return;
                }
              }
            });
    acceptor.setDaemon(true);
    acceptor.start();
  }

  private static void shake(SSLSocket socket) {
    try (socket) {
      socket.startHandshake();
      socket.getInputStream().read();
    } catch (Exception clientLeft) {
      return;
    }
  }
}

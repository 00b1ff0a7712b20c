package io.tidemark.launcher.cli;

import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.TlsFiles;
import io.tidemark.launcher.config.Token;
import java.nio.file.Path;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the node is, and how it is spoken to: options of every command that speaks to one. */
final class NodeOption {

  /** What holds the token if no file does. Never an option: anybody may list those. */
  static final String TOKEN_VARIABLE = "TIDEMARK_TOKEN";

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:TIDEMARK_URL:-http://127.0.0.1:8480}",
      description = {
        "The node's HTTP address (default: the environment's TIDEMARK_URL,"
            + " else http://127.0.0.1:8480)."
      })
  private String url = "";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "The file of which the node's token is the first line (default: the environment's"
              + " TIDEMARK_TOKEN is the token, if there is one).")
  private @Nullable Path tokenFile;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description =
          "The authorities (PEM) of which an https:// node has to show a certificate"
              + " (default: those that Java trusts).")
  private @Nullable Path caFile;

  @Option(
      names = "--cert-file",
      paramLabel = "FILE",
      description = "The certificate (PEM) that is shown to an https:// node which wants one.")
  private @Nullable Path certFile;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "The key (PEM) of that certificate.")
  private @Nullable Path keyFile;

  /**
   * Speaks to the node.
   *
   * @throws CommandException if the options do not fit together, or a file cannot be used
   */
  NodeClient client() {
    try {
      return new NodeClient(url, token(tokenFile, System.getenv(TOKEN_VARIABLE)), tls());
    } catch (ConfigException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  static @Nullable Token token(@Nullable Path file, @Nullable String environment) {
    if (file != null) {
      return Token.ofFile(file);
    }
    return environment == null || environment.isEmpty()
        ? null
        : Token.of(environment, "the environment's " + TOKEN_VARIABLE);
  }

  private @Nullable SSLContext tls() {
    if ((certFile == null) != (keyFile == null)) {
      throw CommandException.usage("give --cert-file and --key-file, or neither");
    }
    if (caFile == null && certFile == null) {
      return null;
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(), trusted(), null);
      return context;
    } catch (ConfigException e) {
      throw e;
    } catch (Exception e) {
      throw CommandException.failure("cannot set up TLS: " + e);
    }
  }

  private KeyManager @Nullable [] keys() throws Exception {
    return certFile == null || keyFile == null
        ? null
        : new TlsFiles(certFile, keyFile, null)
            .keyCert()
            .getKeyManagerFactory(null)
            .getKeyManagers();
  }

  private TrustManager @Nullable [] trusted() {
    return caFile == null ? null : TlsFiles.trustManagers(caFile);
  }
}

package io.tidemark.persist;

/**
 * Something that is wrong with what the stores hold.
 *
 * @param subject what it is about, with its key
 * @param fault what is wrong with that
 * @param meaning what it means for who reads or writes
 * @param remedy what to do
 */
public record Finding(String subject, String fault, String meaning, String remedy) {

  static final String FROM_BACKUP = "put it back from a backup";
  static final String RESTORE = "bring it back with 'restore', or from a backup";
  static final String CONSENSUS_FROM_BACKUP =
      "stop all nodes, and put both stores back from one backup";

  /** All of it, in one line. */
  public String line() {
    String line = subject + " " + fault + ": " + meaning + "; " + remedy;
    return line.replaceAll("\\s*\\R\\s*", " ");
  }
}

package io.tidemark.sim;

/**
 * What readers came by.
 *
 * @param compared how often what a follower had was compared with what somebody else read
 * @param lapsed how often one was told that its lease is over
 * @param tooLate how often a subscriber came too late for what it had not read yet
 */
record Reads(long compared, long lapsed, long tooLate) {

  static final Reads NONE = new Reads(0, 0, 0);

  Reads plus(Reads more) {
    return new Reads(compared + more.compared, lapsed + more.lapsed, tooLate + more.tooLate);
  }
}

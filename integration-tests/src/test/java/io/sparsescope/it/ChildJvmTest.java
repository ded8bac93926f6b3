package io.sparsescope.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChildJvmTest {

  /** The program the children run: prints its version and its arguments, exits with the first. */
  static final class Echo {
    private Echo() {}

    public static void main(String[] args) throws InterruptedException {
      System.out.println(Runtime.version().feature() + " " + String.join(",", args));
      System.err.println("to stderr");
      if (args[0].equals("hang")) {
        Thread.sleep(60_000);
      }
      System.exit(Integer.parseInt(args[0]));
    }
  }

  @Test
  void handsBackExitCodeAndBothStreams() {
    ChildJvm.Result result = echo(Jdk.current(), "3", "b c");

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.out().strip()).isEqualTo(Jdk.current().feature() + " 3,b c");
    assertThat(result.err().strip()).isEqualTo("to stderr");
    assertThatThrownBy(result::orThrow)
        .hasMessageContaining("exit code 3")
        .hasMessageContaining("to stderr");
  }

  @Test
  void runsOnTheJdkThatWasAskedFor() {
    Optional<Jdk> jdk = Jdk.find(25);
    if (jdk.isPresent()) {
      assertThat(echo(jdk.get(), "0").orThrow().out()).startsWith("25 ");
    }
  }

  @Test
  void endsAChildThatTakesTooLong() {
    ChildJvm child = ChildJvm.of(Jdk.current(), Echo.class.getName()).ownClassPath();

    assertThatThrownBy(() -> child.arguments("hang").limit(Duration.ofMillis(500)).run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no end within");
  }

  private static ChildJvm.Result echo(Jdk jdk, String... arguments) {
    return ChildJvm.of(jdk, Echo.class.getName()).ownClassPath().arguments(arguments).run();
  }
}

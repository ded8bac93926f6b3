package io.sparsescope.it.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import java.time.Duration;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FuzzIT {
  private static final long SECONDS = Long.getLong("sparsescope.fuzz.seconds", 15);

  @Test
  void damagedModelsNeverHangNorThrowForeignExceptions() {
    fuzz(20261124);
  }

  @Test
  void damagedModelsOfARandomSeedNeverHangNorThrowForeignExceptions() {
    fuzz(new Random().nextInt(Integer.MAX_VALUE));
  }

  private static void fuzz(long seed) {
    ChildJvm.Result result =
        ChildJvm.of(Jdk.current(), FuzzMain.class.getName())
            .ownClassPath()
            .options("-Xmx256m", "-XX:MaxDirectMemorySize=64m", "-ea")
            .arguments(seed + "", SECONDS + "", Repository.target("fuzz").toString())
            .limit(Duration.ofSeconds(SECONDS + 60))
            .run();
    System.out.print(result.out());

    assertThat(result.exitCode()).as("seed %d%n%s", seed, result.err()).isZero();
    assertThat(figure(result.out(), "(\\d+) cases")).isGreaterThan(1000);
    assertThat(figure(result.out(), "REWRITTEN=(\\d+)")).isGreaterThan(50);
    assertThat(figure(result.out(), "REFUSED=(\\d+)")).isGreaterThan(50);
  }

  private static int figure(String out, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(out);
    assertThat(matcher.find()).as("%s in %s", pattern, out).isTrue();
    return Integer.parseInt(matcher.group(1));
  }
}

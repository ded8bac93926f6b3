/** The shipped command line tool and a service that runs already, each in a JVM of its own. */
package io.sparsescope.it.attach;

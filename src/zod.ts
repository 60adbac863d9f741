/**
 * The one place that imports zod. It would compile its checks with `new Function`, which the page's Content-Security-Policy
 * forbids; told so, it does not even try.
 */
import * as z from 'zod';

z.config({ jitless: true });

export { z };

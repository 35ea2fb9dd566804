/** A quiet picture for a page without a thumbnail: a PNG of 250 × 354 pixels, grey on any background. */
export const PLACEHOLDER = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAPoAAAFiBAMAAAAtgNiUAAAAMFBMVEV/f39/f39/f39/f3+AgICAgIB/f3+AgIB9fX2AgIB/f39/f39/f39/f3" +
    "9/f39/f3+M69W5AAAAEHRSTlMemlxgV4wx0CdQeUK0lIVrOqMR4QAAAAlwSFlzAAALEwAACxMBAJqcGAAAAsFJREFUeNrt2TFrE2EYwPHDQkhT" +
    "UJ5ojI0m1W9gaTcdWtsv0KV0cMjiIjiI4IEEiUMGESRFh7q1i4Nd2k0EZ5csWUQQwWwdzTfwvUtyScm9F4p9nxf1/1tK08C/z+Uu75tLEAAAAA" +
    "AAAAAAAAAAAAAAAAAAAAAAAAAAgLPIv91Mce9DXaXekjTl8KlKfTe1/iV8rDL8LUu9se21Xqqr1Csr0+6HDdlWqRfTHi03RGN4S10aojG8rX5D" +
    "NIa31Ze2NIa31YsPNIa31nMaw1vrgcbw9rrG8Pa6xvAZdYXhM+oKw2fV3Q+fVXc/fGbd+fCZdefDZ9ddD2+rVwab27udTudIvz4Shi63t7Pq5T" +
    "B8pl2f2GeH4XPtemtye/tEu55/M97edora9bM8gTp16tSp/x31Tz8O/dXnzGp601v92NSve6sfmHrFW71r6tX/tO73yPs96y54veL8vtuwylCn" +
    "Tp26Sj3/rumx3pq+N6hYP5Ba01v9klnjT7zV15Pd1fgEUKsvxDfofg1OgB3t+iOzqxVZikbvxT806yYpd7rx7q5gjsGRbr0QvejmDu1iEPRN/a" +
    "duvR+d8POm2472t3JFtW661Xp8c/x7fIs6+kWv/tlkB9d81bz4yyL7ivXoK5j28AUQKc6NPtno1F/L8CIrxBd9fktKTdVPkfvJhVeJP9fdVqub" +
    "I11qJkfhJD4EV9Xq5jT/GozOgOj/yHUHb/kaddOS5Hu3l3vDJaetVG8l7y6JiyLflOq7w7VtwkL8nqtUr039qa9WH6/nk5u8HaV6ymZ2+BifJq" +
    "hTp/4P1NflcvYTlqcWv3N0nLK8nNJLvW9+Tl5ML62nmA32NXd1s32rrW5abfRGm00ncjJTPXB52s2w6DAezHdn1Ndc1oOH2fH3gVuvNlasVj8G" +
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAPCnfgOvdMwJhcHw1gAAAABJRU5ErkJggg==",
  "base64",
);

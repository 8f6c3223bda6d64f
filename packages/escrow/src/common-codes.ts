/** Codes and words that stand at the head of every list of used ones. Not complete and not meant to be: the rules catch the shapes. */
export const commonDigits: ReadonlySet<string> = new Set(
  (
    '123456 654321 123123 112233 121212 123321 159753 147258 789456 456789 987654 696969 101010 131313 159357 147147 111222 456123 258258 ' +
    '258369 147852 369258 963852 741852 852456 123654 321654 142536 987456 102030 010203 030201 202020 212121 141414 151515 171717 181818 ' +
    '191919 110110 100000 200000 300000 500000 600000 700000 800000 900000 000001 001122 112211 123789 789123 321321 123000 000123 007007 ' +
    '246810 135790 135791 112358 314159 271828 420420 911911 666999 999666 555666 777888 121314 101112 111213 202122 123412 123451 123455 ' +
    '122333 223344 334455 445566 556677 667788 778899 998877 887766 665544 554433 332211 221100 123465 124578 134679 147369 159951 357159 ' +
    '753159 951753 963741 741963 789654 654789 456321 098765 567890 345678 234567 543210 876543 765432 432100 170514 ' +
    '080545 200020 202425 20202020 12344321 11223344 12341234 87654321 12345678 123456789 1234567890 987654321 147258369 ' +
    '123123123 112112 113113'
  ).split(' '),
)

/** Stems: digits and signs around them make them no better. */
export const commonWords: ReadonlySet<string> = new Set(
  (
    'password passord passwort qwerty qwertyui qwertyuiop qazwsx asdfgh asdfghjkl zxcvbn zxcvbnm letmein iloveyou dragon monkey sommer ' +
    'summer winter vinter welcome velkommen hemmelig secret admin administrator football fotball baseball sunshine princess prinsesse ' +
    'master shadow superman batman trustno abc abcd abcdef test testtest norge oslo bergen trondheim liverpool arsenal chelsea manchester ' +
    'elskerdeg jegelskerdeg kjæreste sjokolade banan hund katt charlie michael jordan pokemon starwars google apple iphone internet ' +
    'computer datamaskin nokkelring nøkkelring keychain login logginn default changeme'
  ).split(' '),
)

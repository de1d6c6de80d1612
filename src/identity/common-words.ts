/**
 * What people build passwords of, by kind. Our own gathering of what is near at hand when somebody is asked for one: what they
 * see, love and support, where and when they are, and what the machine calls itself. Endings, years, doubling and spelling
 * with digits are rules, not entries.
 */
const KINDS = [
  // asked for one
  'password passwort passwd passw pass pwd parola contrasena motdepasse senha wachtwoord haslo secret secrets geheim private access login signin logon letmein openup enter',
  'welcome willkommen bienvenue hello hallo hola bonjour please sesame open unlock changeme change default guest user username account member nobody anonymous somebody',
  'test testing tester demo sample example temp temporary trial new old first last again forgot forget remember whatever nothing something anything none empty blank unknown mine myself',
  // machines
  'admin administrator root system server service support manager operator master owner super superuser sysadmin database oracle mysql postgres backup network router cisco ubuntu linux debian windows microsoft apple google android iphone samsung facebook amazon computer laptop desktop internet online website office company business',
  'portcullis gateway gate clinic api key token session cloud docker jenkins gitlab github developer dev prod production staging local localhost security secure safety safe',
  'keyboard mouse monitor printer phone mobile camera music video photo movie game gamer player minecraft pokemon mario zelda playstation nintendo xbox fortnite',
  // people
  'iloveyou iloveu loveyou ilove love lover loveme loving forever always heart sweet sweetie honey baby babe babygirl darling angel princess prince queen king boss lady girl boy man woman mother father mama papa mommy daddy family brother sister friend friends bestfriend',
  'michael michelle jessica jennifer ashley amanda daniel david joshua matthew andrew anthony charlie thomas robert william james john joseph george richard nicole hannah samantha elizabeth victoria maria anna emma sophie laura sarah julia martin peter alex alexander max maximilian felix lukas jonas paul simon stefan andreas christian sebastian patrick justin jordan taylor morgan harley maggie buster bailey rocky lucky ginger pepper bella luna',
  // times and places
  'january february march april may june july august september october november december januar februar maerz mai juni juli oktober dezember monday tuesday wednesday thursday friday saturday sunday montag freitag sonntag',
  'spring summer autumn fall winter sommer herbst fruehling season morning night today tomorrow birthday christmas easter holiday weekend newyear year month week',
  'london paris berlin madrid roma rome vienna wien zurich newyork york boston chicago dallas texas florida california america canada england germany deutschland france italia italy espana spain polska brasil mexico india china japan tokyo russia moscow australia europe world earth',
  // things one likes
  'dragon monkey tiger lion eagle falcon hawk wolf bear shark dolphin horse pony dog doggy puppy cat kitty kitten rabbit bunny hamster chicken butterfly spider snake turtle elephant panda phoenix unicorn animal bird fish cow pig duck',
  'football fussball soccer baseball basketball hockey tennis golf cricket rugby liverpool arsenal chelsea everton barcelona madrid juventus milan bayern dortmund schalke manchester united rangers celtic yankees cowboys lakers steelers patriots champion winner sport sports team',
  'batman superman spiderman ironman joker starwars skywalker vader jedi matrix neo trinity gandalf frodo hobbit harry potter hogwarts naruto pikachu wizard magic merlin warrior ninja samurai knight hunter ranger soldier captain pirate ghost killer shadow devil demon hell heaven god jesus christ faith hope grace blessed church',
  'ferrari porsche mercedes bmw audi mustang corvette camaro chevy toyota honda yamaha ducati harley ford truck racing turbo diesel speed',
  'red blue green yellow black white orange purple pink silver gold golden diamond rainbow crystal fire water ice storm thunder lightning sunshine sun moon star stars sky ocean river island forest mountain flower flowers rose lily daisy jasmine cherry apple banana lemon peach strawberry chocolate cookie cookies candy sugar coffee cheese pizza butter beer whiskey vodka money dollar cash rich lucky million',
  'freedom peace happy smile crazy funny silly sexy hot cool nice good great best awesome perfect beautiful pretty cute little big small young strong power dead death life live living dream dreams fuckyou fuckoff fuck shit bitch asshole bullshit trustno dontknow number one two three four five six seven eight nine ten zero hundred thousand',
  'the and you for are not all can has with this that what when who why how from your have will our their here there out get got let its mine my me is it in on at to of no yes go do be we he she us up',
] as const;

/** Lower case, each once, three letters or more and the few short ones that hold sentences together. */
export const COMMON_WORDS: readonly string[] = [...new Set(KINDS.flatMap((kind) => kind.split(' ')))].filter(
  (word) => word.length >= 2,
);

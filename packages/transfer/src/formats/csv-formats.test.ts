import { describe, expect, it } from 'vitest'
import { codes, importText, plain } from '../testing.ts'

describe('Apple Passwords CSV', () => {
  const file = [
    'Title,URL,Username,Password,Notes,OTPAuth',
    'Bank (kari),https://bank.example/,kari,"a,b""c","to linjer',
    'her",otpauth://totp/Bank:kari?secret=JBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30',
    ',https://www.forum.example/,ola,=cmd|calc,,',
    'Bare navn,,,,,',
  ].join('\r\n')

  it('reads every column', () => {
    const { format, rows, items, rejected, noteCounts } = importText(file)
    expect([format, rows, rejected, noteCounts]).toEqual(['apple-csv', 3, [], {}])
    expect(items.map(({ row }) => row)).toEqual([2, 3, 4])
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'Bank (kari)',
      'site:https://bank.example/': true,
      username: 'kari',
      password: 'a,b"c',
      notes: 'to linjer\r\nher',
      totp: 'otpauth://totp/Bank:kari?secret=JBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30',
    })
    // a password that a spreadsheet would run is a password like any other
    expect(plain(items[1]?.draft)).toEqual({
      kind: 'password',
      title: 'www.forum.example',
      'site:https://www.forum.example/': true,
      username: 'ola',
      password: '=cmd|calc',
    })
    expect(plain(items[2]?.draft)).toEqual({ kind: 'password', title: 'Bare navn' })
  })

  it('keeps a verification code that it cannot use in the notes, and says so', () => {
    const { items } = importText('Title,URL,Username,Password,Notes,OTPAuth\nA,,b,c,før,otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1')
    expect(plain(items[0]?.draft)).toMatchObject({ notes: 'før\nTOTP: otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1' })
    expect(plain(items[0]?.draft)).not.toHaveProperty('totp')
    expect(items[0]?.notes).toEqual([{ code: 'totp-invalid', params: { field: 'OTPAuth' } }])
  })
})

describe('Chrome CSV', () => {
  it('reads web and Android passwords', () => {
    const { items, noteCounts } = importText(
      [
        'name,url,username,password,note',
        'example.com,https://example.com/login,kari,pw,husk',
        ',android://aGFzaA==@com.example.app/,ola,pw2,',
        ',https://x.example/,,bare passord,',
        ',,bare navn,,',
      ].join('\n'),
    )
    expect(items.map(({ draft }) => plain(draft))).toEqual([
      { kind: 'password', title: 'example.com', 'site:https://example.com/login': true, username: 'kari', password: 'pw', notes: 'husk' },
      { kind: 'password', title: 'com.example.app', 'site:android://aGFzaA==@com.example.app/': true, username: 'ola', password: 'pw2' },
      { kind: 'password', title: 'x.example', 'site:https://x.example/': true, password: 'bare passord' },
      { kind: 'password', title: 'bare navn', username: 'bare navn' },
    ])
    expect(noteCounts).toEqual({})
  })

  it('keeps unknown and repeated columns as secret custom fields, and says so', () => {
    const { items } = importText('name,url,username,password,Konto,konto,password,\nA,,b,c,1,2,d,\nA2,,b,c,,,c,')
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'A',
      username: 'b',
      password: 'c',
      'custom:Konto': ['1', true],
      'custom:konto': ['2', true],
      'custom:password': ['d', true],
    })
    expect(codes(items[0]?.notes)).toEqual(['kept-as-custom', 'kept-as-custom', 'kept-as-custom'])
    expect(plain(items[1]?.draft)).toEqual({ kind: 'password', title: 'A2', username: 'b', password: 'c' })
  })

  it('E5: drops a security code in a column of its own', () => {
    const { items } = importText('name,url,username,password,CVV\nA,,b,c,123')
    expect(plain(items[0]?.draft)).toEqual({ kind: 'password', title: 'A', username: 'b', password: 'c' })
    expect(items[0]?.notes).toEqual([{ code: 'security-code-dropped', params: { field: 'CVV' } }])
  })
})

describe('Firefox CSV', () => {
  const header = '"url","username","password","httpRealm","formActionOrigin","guid","timeCreated","timeLastUsed","timePasswordChanged"'

  it('reads logins, times, realms and differing form origins', () => {
    const { items, fileNotes } = importText(
      [
        header,
        '"https://a.example","kari","pw","","https://a.example","{g1}","1700000000000","1700000001000","1700000002000"',
        '"https://b.example","ola","pw","","https://login.b.example","{g2}","0","","x"',
        '"http://router.example","admin","pw","Ruter","","{g3}","1700000000000","1700000001000","1700000002000"',
      ].join('\r\n'),
    )
    expect(items.map(({ draft }) => plain(draft))).toEqual([
      { kind: 'password', title: 'a.example', 'site:https://a.example': true, username: 'kari', password: 'pw' },
      {
        kind: 'password',
        title: 'b.example',
        'site:https://b.example': true,
        username: 'ola',
        password: 'pw',
        'custom:formActionOrigin': ['https://login.b.example', false],
      },
      {
        kind: 'password',
        title: 'router.example',
        'site:http://router.example': true,
        username: 'admin',
        password: 'pw',
        'custom:httpRealm': ['Ruter', false],
      },
    ])
    expect(items[0]?.draft).toMatchObject({ createdMs: 1_700_000_000_000, modifiedMs: 1_700_000_002_000 })
    expect(items[1]?.draft).not.toHaveProperty('createdMs')
    expect(items[1]?.draft).not.toHaveProperty('modifiedMs')
    expect(fileNotes).toEqual([
      { code: 'column-not-kept', params: { field: 'guid' } },
      { code: 'column-not-kept', params: { field: 'timeLastUsed' } },
    ])
  })
})

describe('Bitwarden CSV', () => {
  const header = 'folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp'

  it('reads logins with several addresses, custom fields, folder and favourite', () => {
    const { items } = importText(
      `${header}\nJobb/Drift,1,login,Portal,husk,"PIN: 1234\nSvar: to: tre\nlinje to\nTom: ",1,"https://a.example,https://b.example/?x=1,2",kari,pw,jbswy3dpehpk3pxp\n`,
    )
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'Portal',
      'site:https://a.example': true,
      'site:https://b.example/?x=1,2': true,
      username: 'kari',
      password: 'pw',
      notes: 'husk',
      totp: 'otpauth://totp/kari?secret=JBSWY3DPEHPK3PXP',
      'tag:Jobb/Drift': true,
      favorite: true,
      'custom:PIN': ['1234', true],
      'custom:Svar': ['to: tre\nlinje to', true],
      'custom:Tom': ['', true],
    })
    expect(items[0]?.notes).toEqual([{ code: 'left-out', params: { field: 'reprompt' } }])
  })

  it('reads notes, keeps login values of a note and unknown types', () => {
    const { items } = importText(`${header}\n,,note,Kode,hemmelig tekst,,,,,,\n,0,note,Rar,,,0,,kari,pw,\n,,lisens,L,,,,,,nøkkel,\n`)
    expect(items.map(({ draft }) => plain(draft))).toEqual([
      { kind: 'note', title: 'Kode', notes: 'hemmelig tekst' },
      { kind: 'note', title: 'Rar', 'custom:login_username': ['kari', true], 'custom:login_password': ['pw', true] },
      { kind: 'password', title: 'L', password: 'nøkkel', 'custom:type': ['lisens', true] },
    ])
  })

  it('reads an organisation’s collections as tags', () => {
    const { items } = importText(
      'collections,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n"Drift,Salg",login,A,,,,,b,c,',
    )
    expect(plain(items[0]?.draft)).toMatchObject({ 'tag:Drift': true, 'tag:Salg': true })
  })

  it('numbers custom fields of the same name', () => {
    const { items } = importText(`${header}\n,,login,A,,"x: 1\nx: 2\n: 3",,,,c,`)
    expect(plain(items[0]?.draft)).toMatchObject({ 'custom:x': ['1', true], 'custom:x (2)': ['2', true], 'custom:#': ['3', true] })
    expect(items[0]?.notes).toEqual([{ code: 'custom-renamed', params: { field: 'x', label: 'x (2)' } }])
  })

  it('keeps a steam secret as text', () => {
    const { items } = importText(`${header}\n,,login,Spill,,,,,kari,pw,steam://ABCDEFGH`)
    expect(plain(items[0]?.draft)).toMatchObject({ notes: 'TOTP: steam://ABCDEFGH' })
    expect(items[0]?.notes).toEqual([{ code: 'totp-invalid', params: { field: 'login_totp' } }])
  })
})

describe('1Password CSV', () => {
  it('reads version 8', () => {
    const { items } = importText(
      'Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\nButikk,https://shop.example,kari,pw,otpauth://totp/x?secret=JBSWY3DPEHPK3PXP,true,false,"hjem;handel",notat\nGammel,,ola,pw,,false,true,,\n',
    )
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'Butikk',
      'site:https://shop.example': true,
      username: 'kari',
      password: 'pw',
      totp: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
      favorite: true,
      'tag:hjem': true,
      'tag:handel': true,
      notes: 'notat',
    })
    expect(items[0]?.notes).toEqual([])
    expect(codes(items[1]?.notes)).toEqual(['was-archived'])
  })

  const mac =
    '"cardholder name(cardholder)","Created Date","expiry date(expiry)","Modified Date","network name(network_name)","Notes","number(ccnum)","Password","PIN(pin)","Scope","Tags","Title","Type","URL","Username","verification number(cvv)","wireless network password(wireless_password)","wireless security(wireless_security)",'

  it('E5: reads a card of the Mac dialect without its security code', () => {
    const { items, fileNotes } = importText(
      `${mac}\n"Kari N","1600000000","07/2031","1600000100",,"CVV 987",4111111111111111,,"4321","Default","{(\n  hjem\n)}","Visa","Credit Card",,,"987",,,`,
    )
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'card',
      title: 'Visa',
      cardholder: 'Kari N',
      number: '4111111111111111',
      expiryMonth: 7,
      expiryYear: 2031,
      notes: 'CVV •••',
      'custom:PIN(pin)': ['4321', true],
      'tag:hjem': true,
    })
    expect(items[0]?.draft).toMatchObject({ createdMs: 1_600_000_000_000, modifiedMs: 1_600_000_100_000 })
    expect(codes(items[0]?.notes).toSorted()).toEqual(['kept-as-custom', 'security-code-dropped', 'security-code-dropped'])
    expect(fileNotes).toEqual([{ code: 'column-not-kept', params: { field: 'Scope' } }])
  })

  it('reads Wi-Fi, notes and kinds that we do not have', () => {
    const { items } = importText(
      [
        mac,
        ',,,,"Hytta",,,,,,,"Hyttenett","Wireless Router",,,,"wifi-pw","wpa2p",',
        ',,,,,"tekst",,,,,,"Notat","Secure Note",,,,,,',
        ',,,,,"",,,"1111",,,"Medlem","Membership",,,,,,',
        ',,,,,"",,"pw",,,,"Post","Email Account",,"kari",,,,',
      ].join('\n'),
    )
    expect(items.map(({ draft }) => plain(draft))).toEqual([
      { kind: 'wifi', title: 'Hyttenett', ssid: 'Hytta', password: 'wifi-pw', security: 'wpa2p' },
      { kind: 'note', title: 'Notat', notes: 'tekst' },
      { kind: 'note', title: 'Medlem', 'custom:PIN(pin)': ['1111', true] },
      { kind: 'password', title: 'Post', username: 'kari', password: 'pw', 'custom:Type': ['Email Account', true] },
    ])
    expect(items[2]?.notes[0]).toEqual({ code: 'kind-as-note', params: { kind: 'Membership' } })
  })

  it('E5: reads the Windows dialect, with several addresses, and never a security code', () => {
    const { items } = importText(
      [
        '"UUID","TITLE","USERNAME","PASSWORD","URL","URLS","SCOPE","TAGS","NOTES","1: CARDHOLDER NAME","2: NUMBER","3: VERIFICATION NUMBER","4: EXPIRY DATE"',
        '"u1","Butikk","kari","pw","https://a.example","https://a.example\nhttps://b.example","Default","x,y","","","","",""',
        '"u2","Kort","","","","","Default","","","Kari","4111111111111111","111","1/3/2030 12:23 AM"',
        '"u3","Rart","kari","pw","","","","","","","4111111111111111","111",""',
      ].join('\r\n'),
    )
    expect(items.map(({ draft }) => plain(draft))).toEqual([
      {
        kind: 'password',
        title: 'Butikk',
        username: 'kari',
        password: 'pw',
        'site:https://a.example': true,
        'site:https://b.example': true,
        'tag:x': true,
        'tag:y': true,
      },
      { kind: 'card', title: 'Kort', cardholder: 'Kari', number: '4111111111111111', 'custom:4: EXPIRY DATE': ['1/3/2030 12:23 AM', true] },
      { kind: 'password', title: 'Rart', username: 'kari', password: 'pw', 'custom:2: NUMBER': ['4111111111111111', true] },
    ])
    expect(codes(items[1]?.notes)).toContain('security-code-dropped')
    expect(codes(items[2]?.notes)).toContain('security-code-dropped')
  })
})
